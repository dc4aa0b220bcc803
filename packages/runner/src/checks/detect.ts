import { join } from 'node:path';
import { isRecord } from '@agentteam/contract';
import { readUntrusted } from '@agentteam/volume';
import type { Check } from './check.ts';

type Kind = 'test' | 'lint';

/** Reads a file of the repository, by its path from the root. */
type Read = (path: string) => Promise<string | undefined>;
type Detector = (read: Read, kind: Kind) => Promise<Check | undefined>;

/**
 * Finds how a repository is tested, or linted. A Makefile's target stands for all of it: that is
 * where a project says what belongs together. Otherwise every language found gets its own check.
 */
export async function detectChecks(tree: string, kind: Kind): Promise<readonly Check[]> {
  const read: Read = (path) => readUntrusted(join(tree, path));
  const make = await makefile(read, kind);
  if (make) return [make];
  const found = await Promise.all(LANGUAGES.map((detect) => detect(read, kind)));
  return found.filter((check) => check !== undefined);
}

/** What is looked for, for the message when there is none of it. */
export const LOOKED_FOR: string =
  'a Makefile target, package.json scripts, go.mod, Cargo.toml, pytest, pom.xml, build.gradle';

async function makefile(read: Read, kind: Kind): Promise<Check | undefined> {
  for (const file of ['GNUmakefile', 'makefile', 'Makefile']) {
    const text = await read(file);
    const targets = kind === 'test' ? ['test', 'tests', 'check'] : ['lint'];
    const target = targets.find((name) => new RegExp(`^${name}\\s*::?(?!=)`, 'm').test(text ?? ''));
    if (target) return { kind, command: ['make', target], foundIn: `${file} target ${target}` };
  }
  return undefined;
}

const packageJson: Detector = async (read, kind) => {
  const text = await read('package.json');
  if (text === undefined) return undefined;
  const scripts = scriptsOf(text);
  const script = scripts[kind];
  // What `npm init` writes is the absence of a test.
  if (typeof script !== 'string' || /no test specified/.test(script)) return undefined;
  const manager = await packageManager(read);
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

async function packageManager(read: Read): Promise<string> {
  if ((await read('pnpm-lock.yaml')) !== undefined) return 'pnpm';
  if ((await read('yarn.lock')) !== undefined) return 'yarn';
  if ((await read('bun.lock')) !== undefined) return 'bun';
  return 'npm';
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
