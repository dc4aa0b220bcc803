/** In the lead's session directory: what was checked, for the pull request's text. */
export const CHECKS_FILE = 'checks.txt';
