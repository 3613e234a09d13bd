/** Where the blocked symbols stand: beside the gateway's arm file. */
export const blockFileBeside = (arm_file: string): string => arm_file.replace(/[^/]*$/, 'blocked.json')
