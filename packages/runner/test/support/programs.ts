import { fileURLToPath } from 'node:url';

const built = (file: string): string =>
  fileURLToPath(new URL(`../../../../dist/${file}`, import.meta.url));

/** The product's programs as they are shipped. `scripts/test.mjs` builds them before it starts the tests. */
export const RUNNER: string = built('runner.mjs');
export const CLI: string = built('agentteam.mjs');
export const CONTROLLER: string = built('controller.mjs');
