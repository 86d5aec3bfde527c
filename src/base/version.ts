/** The version of this package; a test holds it to package.json, which browser bundles cannot read. */
export const VERSION = '0.1.0';
