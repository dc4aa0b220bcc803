/** Version of the CLI; the same as that of its package. */
export const VERSION = '0.1.0';
