/** This machine, in names of files: others may write into the same folder. */
import os from 'node:os';

export const HOST = os.hostname().replace(/[^\w-]/g, '_');
