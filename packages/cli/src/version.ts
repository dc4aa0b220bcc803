/** Version of the CLI, equal to the version of its package. */
export const VERSION = '0.1.0';
