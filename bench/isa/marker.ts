/** Begins the line that stands before the driver's output for one kernel. */
export const MARKER = '../../@ kernel ';
