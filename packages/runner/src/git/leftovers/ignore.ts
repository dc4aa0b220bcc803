import type { LeftoverRules } from '@agentteam/contract';

/** Rules for a team that sets none. */
export const DEFAULT_RULES: LeftoverRules = { ignore: [], maxFileSize: 1024 ** 2 };

/**
 * Files that builds, package managers, editors and operating systems leave in a worktree, as
 * `.gitignore` patterns. Names that projects also use for sources (`build`, `dist`, `target`) are
 * not in the list.
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
  `*.tmp.[0-9]*.${'[0-9a-f]'.repeat(12)}`,
];

/**
 * Whether a file is a temporary one of Claude Code 2.1.330, which writes every file under such a name and
 * then renames it. A killed Claude Code leaves it behind, and no person needs to hear of it.
 */
export function isTemporaryFile(path: string): boolean {
  return /\.tmp\.\d+\.[0-9a-f]{12}$/.test(path);
}

/** Names of files that usually hold secrets, and exceptions to them. They apply in upper case, and to directories, too. */
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

/** A pattern that matches one path. */
export function literal(path: string): string {
  return `/${path.replace(/[\\*?[\]!#]/g, '\\$&').replace(/ (?=\/?$)/, '\\ ')}`;
}

/**
 * The text of `info/exclude` in an agent's repository. It also applies to the agent's own
 * `git add --all`, and the repository's `.gitignore` overrides it.
 * @param placed paths of files that are placed in the worktree.
 */
export function excludeFile({ ignore }: LeftoverRules, placed: readonly string[] = []): string {
  return [
    '# Files that agentteam does not commit. A pattern with ! in .gitignore takes one back.',
    ...JUNK,
    SECRETS_START,
    ...SECRET_FILES.map(inAnyCase),
    SECRETS_END,
    ...ignore,
    ...placed.map(literal),
    '',
  ].join('\n');
}

/** A pattern that matches in upper and in lower case: git has no such option for a single pattern. */
function inAnyCase(pattern: string): string {
  return pattern.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}

const SECRETS_START = '# Files that hold secrets';
const SECRETS_END = "# The team's own patterns";

/**
 * Whether a file's name, or that of a directory that it is in, says that it holds secrets. The team's own `!`
 * patterns can override that. Only patterns in the form of {@link SECRET_FILES} are understood, not all of
 * `.gitignore`'s syntax.
 */
export function isSecretFile(path: string, { ignore }: LeftoverRules): boolean {
  const exceptions = ignore.filter((pattern) => pattern.startsWith('!'));
  const named = SECRET_FILES.reduce((secret, pattern) => {
    const isException = pattern.startsWith('!');
    return matches(path, isException ? pattern.slice(1) : pattern, 'i') ? !isException : secret;
  }, false);
  return named && !exceptions.some((pattern) => matches(path, pattern.slice(1), ''));
}

/** @param flags `i` to ignore the case. */
function matches(path: string, pattern: string, flags: string): boolean {
  const name = pattern.replace(/^(\*\*)?\/+/, '').replace(/[.+^${}()|[\]\\?]/g, '\\$&');
  return new RegExp(`(^|/)${name.replaceAll('*', '[^/]*')}(/|$)`, flags).test(path);
}

/**
 * Whether a line of {@link excludeFile} is one of the patterns for secrets.
 * @param line counted from 1.
 */
export function isSecretLine(text: string, line: number): boolean {
  const lines = text.split('\n');
  return line - 1 > lines.indexOf(SECRETS_START) && line - 1 < lines.indexOf(SECRETS_END);
}
