import base from './jest.config.js';

/**
 * Tests with programs of the system: an SSH server, Git LFS, bubblewrap, iproute2, openssl, Maven, pip, Go,
 * podman, Docker, PostgreSQL, tmux, Chromium, Poppler.
 * @type {import('jest').Config}
 */
export default {
  ...base,
  testMatch: ['<rootDir>/packages/*/test/**/*.system.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
