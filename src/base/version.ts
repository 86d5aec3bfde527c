/** The version of this package. A test compares it with package.json, which browser bundles cannot read. */
export const VERSION = '0.1.0';
