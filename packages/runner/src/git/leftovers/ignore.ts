import type { LeftoverRules } from '@agentteam/contract';

/** What holds where a team says nothing about its leftovers. */
export const DEFAULT_RULES: LeftoverRules = { ignore: [], maxFileSize: 1024 ** 2 };

/**
 * What builds, package managers, editors and operating systems leave behind in a worktree, as
 * patterns of `.gitignore`. Names that a project may well use for its sources (`build`, `dist`,
 * `target`) are not in it.
 */
const JUNK: readonly string[] = [
  '# Dependencies',
  'node_modules/',
  'bower_components/',
  '.pnpm-store/',
  '.venv/',
  'venv/',
  '*.egg-info/',
  '.eggs/',
  '# Compiled files and caches',
  '__pycache__/',
  '*.py[co]',
  '*.class',
  '*.o',
  '.cache/',
  '.gradle/',
  '.mypy_cache/',
  '.next/',
  '.nuxt/',
  '.parcel-cache/',
  '.pytest_cache/',
  '.ruff_cache/',
  '.svelte-kit/',
  '.terraform/',
  '.tox/',
  '.turbo/',
  '*.tsbuildinfo',
  '.eslintcache',
  '# Coverage and test results',
  '.coverage',
  '.nyc_output/',
  'htmlcov/',
  '# Logs, crashes and temporary files',
  'npm-debug.log*',
  'yarn-debug.log*',
  'yarn-error.log*',
  'hs_err_pid*.log',
  '*.swp',
  '*~',
  '.DS_Store',
  'Thumbs.db',
  '# Claude Code',
  '.claude/settings.local.json',
];

/** Files that hold secrets by their name, and their exceptions. */
const SECRET_FILES: readonly string[] = [
  '.env',
  '.env.*',
  '!.env.example',
  '!.env.sample',
  '!.env.template',
  '!.env.dist',
  '!.env.test',
  '.netrc',
  '.pgpass',
  '.pypirc',
  '.git-credentials',
  '.vault-token',
  '**/.aws/credentials',
  '**/.docker/config.json',
  '**/.kube/config',
  'id_rsa',
  'id_dsa',
  'id_ecdsa',
  'id_ed25519',
  '*.p12',
  '*.pfx',
  '*.jks',
  '*.keystore',
  '*.kdbx',
  '*.tfstate',
  '*.tfstate.backup',
];

/**
 * The text of `info/exclude` in an agent's repository: git leaves these files out for the agent as well
 * (`git add --all`), and a `.gitignore` of the repository stands above it.
 */
export function excludeFile({ ignore }: LeftoverRules): string {
  return [
    '# Files that agentteam does not commit. A pattern with ! in .gitignore takes one back.',
    ...JUNK,
    SECRETS_START,
    ...SECRET_FILES,
    SECRETS_END,
    ...ignore,
    '',
  ].join('\n');
}

const SECRETS_START = '# Files that hold secrets';
const SECRETS_END = "# The team's own patterns";

/**
 * Whether a file holds secrets by its name, unless the team's own patterns take that name back.
 * Patterns of one name without wildcards in front of it are all that is understood here.
 */
export function isSecretFile(path: string, { ignore }: LeftoverRules): boolean {
  const exceptions = ignore.filter((pattern) => pattern.startsWith('!'));
  return [...SECRET_FILES, ...exceptions].reduce((secret, pattern) => {
    const isException = pattern.startsWith('!');
    return matches(path, isException ? pattern.slice(1) : pattern) ? !isException : secret;
  }, false);
}

function matches(path: string, pattern: string): boolean {
  const name = pattern.replace(/^(\*\*)?\/+/, '').replace(/[.+^${}()|[\]\\?]/g, '\\$&');
  return new RegExp(`(^|/)${name.replaceAll('*', '[^/]*')}$`).test(path);
}

/** Whether a line of that file is one of the patterns for secrets. @param line counted from 1. */
export function isSecretLine(text: string, line: number): boolean {
  const lines = text.split('\n');
  return line - 1 > lines.indexOf(SECRETS_START) && line - 1 < lines.indexOf(SECRETS_END);
}
