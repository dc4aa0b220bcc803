import { fileURLToPath } from 'node:url';

/** A repository with a directory for each language, and a script for `setupCommand`. */
export const REPOSITORY = fileURLToPath(new URL('../real/images/repository', import.meta.url));

/** An image that `e2e/real/images/build` makes. */
export const imageOf = (name: string): string => `localhost/${name}:e2e`;

interface Toolchain {
  /** The directory of the repository. */
  readonly directory: string;
  /** The program by which `set-up.sh` recognises the image. */
  readonly program: string;
  /** Builds and tests the directory. */
  readonly command: string;
}

const go: Toolchain = {
  directory: 'go',
  program: 'go',
  command: 'go vet ./... && go test ./...',
};

/** What builds and tests the repository, by the image of `e2e/real/images/build`. */
export const TOOLCHAINS: Readonly<Record<string, Toolchain>> = {
  golang: go,
  'golang-alpine': go,
  'python-slim': {
    directory: 'python',
    program: 'python3',
    command: 'python3 -m venv .venv && .venv/bin/python -m unittest',
  },
  temurin: {
    directory: 'java',
    program: 'javac',
    command: 'javac *.java && java SumTest && test -n "$JAVA_HOME"',
  },
  rust: { directory: 'rust', program: 'cargo', command: 'cargo test --offline' },
  'node-alpine': { directory: 'node', program: 'node', command: 'node --test' },
};

/** The file in which an agent leaves the result of its toolchain. */
export const resultOf = (name: string): string => `results/${name}.txt`;

const completed = { outcome: 'completed', summary: 'Done.' };

/** The script of a lead that waits until all teammates have ended. */
export const WAITING_LEAD = {
  idle: 'Noted.',
  turns: [
    { text: 'I wait.' },
    { until: { ended: true }, tools: [{ name: 'report', input: completed }] },
  ],
};

/**
 * The script of an agent that tests its toolchain, and commits the result. The result ends with `passed` and the
 * output of the setup command, if the tests passed.
 * @param more a shell command whose output follows.
 */
export function tests(name: string, { directory, command }: Toolchain, more: string): object {
  const file = resultOf(name);
  const work = [
    `mkdir -p results && { (cd ${directory} && ${command}) && echo passed; } > ${file} 2>&1`,
    `{ cat set-up.txt; ${more}; } >> ${file}`,
    'git add results && git commit --quiet --message Test',
  ];
  return {
    turns: [
      { tools: [{ name: 'TaskList' }] },
      { tools: [{ name: 'Bash', input: { command: work.join('; ') } }] },
      {
        tools: [{ name: 'TaskUpdate', input: { taskId: `\${task.${name}}`, status: 'completed' } }],
      },
      { tools: [{ name: 'report', input: completed }] },
    ],
  };
}
