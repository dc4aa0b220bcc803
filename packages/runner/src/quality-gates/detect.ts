import { join } from 'node:path';
import { isRecord, type RequiredCheck } from '@agentteam/contract';
import { readUntrusted } from '@agentteam/volume';
import type { Check } from './check.ts';
import { findProjects } from './projects.ts';

type Kind = RequiredCheck;

/** Reads a file by its path in the project's directory; `undefined` when there is none. */
type Read = (path: string) => Promise<string | undefined>;
type Detector = (read: Read, kind: Kind, rootRead: Read) => Promise<Check | undefined>;

/**
 * Finds the commands that test or lint a repository. A command in the root covers the whole
 * repository. Without one, each project below the root gets its own commands: the packages of a
 * workspace, or a backend and a frontend.
 */
export async function detectChecks(tree: string, kind: Kind): Promise<readonly Check[]> {
  const rootRead: Read = (path) => readUntrusted(join(tree, path));
  return findProjects(tree, async (directory) => {
    const read: Read = (path) => rootRead(join(directory, path));
    const checks = await checksOf(read, kind, rootRead);
    return directory === '' ? checks : checks.map((check) => inDirectory(check, directory));
  });
}

function inDirectory(check: Check, directory: string): Check {
  return { ...check, directory, foundIn: `${directory}/${check.foundIn}` };
}

/**
 * A Makefile target covers the whole project. Without one, each language that is found gets its own
 * check.
 */
async function checksOf(read: Read, kind: Kind, rootRead: Read): Promise<readonly Check[]> {
  const make = await makefile(read, kind);
  if (make) return [make];
  const found = await Promise.all(LANGUAGES.map((detect) => detect(read, kind, rootRead)));
  return found.filter((check) => check !== undefined);
}

/** What the search covers, for the message when it finds nothing. */
export const SEARCHED_FOR: string =
  'Makefile targets, package.json scripts, go.mod, Cargo.toml, pytest, pom.xml and build.gradle, in the root and in the directories below it';

async function makefile(read: Read, kind: Kind): Promise<Check | undefined> {
  for (const file of ['GNUmakefile', 'makefile', 'Makefile']) {
    const text = await read(file);
    const targets = kind === 'test' ? ['test', 'tests', 'check'] : ['lint'];
    const target = targets.find((name) => new RegExp(`^${name}\\s*::?(?!=)`, 'm').test(text ?? ''));
    if (target) return { kind, command: ['make', target], foundIn: `${file} target ${target}` };
  }
  return undefined;
}

const packageJson: Detector = async (read, kind, rootRead) => {
  const text = await read('package.json');
  if (text === undefined) return undefined;
  const scripts = scriptsOf(text);
  const script = scripts[kind];
  // `npm init` writes a placeholder for the test script.
  if (typeof script !== 'string' || /no test specified/.test(script)) return undefined;
  const manager = (await packageManager(read)) ?? (await packageManager(rootRead)) ?? 'npm';
  return { kind, command: [manager, 'run', kind], foundIn: `package.json scripts.${kind}` };
};

function scriptsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return isRecord(parsed) && isRecord(parsed['scripts']) ? parsed['scripts'] : {};
  } catch {
    return {};
  }
}

/** The package manager whose lock file is in a directory. In a workspace, that is the root. */
async function packageManager(read: Read): Promise<string | undefined> {
  if ((await read('pnpm-lock.yaml')) !== undefined) return 'pnpm';
  if ((await read('yarn.lock')) !== undefined) return 'yarn';
  if ((await read('bun.lock')) !== undefined) return 'bun';
  return (await read('package-lock.json')) === undefined ? undefined : 'npm';
}

const go: Detector = async (read, kind) => {
  if ((await read('go.mod')) === undefined) return undefined;
  if (kind === 'test') return { kind, command: ['go', 'test', './...'], foundIn: 'go.mod' };
  for (const file of ['.golangci.yml', '.golangci.yaml', '.golangci.toml']) {
    if ((await read(file)) !== undefined) {
      return { kind, command: ['golangci-lint', 'run'], foundIn: file };
    }
  }
  return { kind, command: ['go', 'vet', './...'], foundIn: 'go.mod' };
};

const cargo: Detector = async (read, kind) => {
  if ((await read('Cargo.toml')) === undefined) return undefined;
  const lint = ['cargo', 'clippy', '--all-targets', '--', '-D', 'warnings'];
  return { kind, command: kind === 'test' ? ['cargo', 'test'] : lint, foundIn: 'Cargo.toml' };
};

const python: Detector = async (read, kind) => {
  const signs: readonly (readonly [file: string, sign: RegExp, command: readonly string[]])[] =
    kind === 'test'
      ? [
          ['pytest.ini', /^/, PYTEST],
          ['pyproject.toml', /^\[tool\.pytest|["']pytest\b/m, PYTEST],
          ['setup.cfg', /^\[tool:pytest\]/m, PYTEST],
          ['tox.ini', /^\[pytest\]/m, PYTEST],
          ['conftest.py', /^/, PYTEST],
          ['tests/conftest.py', /^/, PYTEST],
        ]
      : [
          ['ruff.toml', /^/, RUFF],
          ['.ruff.toml', /^/, RUFF],
          ['pyproject.toml', /^\[tool\.ruff/m, RUFF],
          ['.flake8', /^/, ['flake8']],
          ['setup.cfg', /^\[flake8\]/m, ['flake8']],
        ];
  for (const [file, sign, command] of signs) {
    const text = await read(file);
    if (text !== undefined && sign.test(text)) return { kind, command, foundIn: file };
  }
  return undefined;
};

const PYTEST = ['python3', '-m', 'pytest'];
const RUFF = ['ruff', 'check'];

const maven: Detector = async (read, kind) => {
  const text = await read('pom.xml');
  if (text === undefined) return undefined;
  const program = (await read('mvnw')) === undefined ? 'mvn' : './mvnw';
  const args = ['--batch-mode', '--no-transfer-progress'];
  if (kind === 'test') return { kind, command: [program, ...args, 'test'], foundIn: 'pom.xml' };
  if (!text.includes('maven-checkstyle-plugin')) return undefined;
  return { kind, command: [program, ...args, 'checkstyle:check'], foundIn: 'pom.xml' };
};

const gradle: Detector = async (read, kind) => {
  for (const file of ['build.gradle', 'build.gradle.kts']) {
    if ((await read(file)) === undefined) continue;
    const program = (await read('gradlew')) === undefined ? 'gradle' : './gradlew';
    const task = kind === 'test' ? ['test'] : ['check', '--exclude-task', 'test'];
    return { kind, command: [program, '--no-daemon', '--console=plain', ...task], foundIn: file };
  }
  return undefined;
};

const LANGUAGES: readonly Detector[] = [packageJson, go, cargo, python, maven, gradle];
