export {closestName} from '../supervision/closest-name.js'
