import { type AgentSpec, ENV, EXIT } from '@agentteam/contract';
import { execa } from 'execa';
import { exists } from '../step/exists.ts';
import { StepFailure } from '../step/failure.ts';

const SHELL = '/bin/sh';
const NEEDS = 'Agents, the setup command and the quality gates need a shell';

/**
 * Checks, before the agent's first request, that its image can run programs. Does nothing in our own image.
 * @throws StepFailure with `EXIT.invalid`, which names the image and what to do.
 */
export async function checkImage(
  env: NodeJS.ProcessEnv,
  { image = 'of the agent' }: Pick<AgentSpec, 'image'>,
  signal: AbortSignal,
): Promise<void> {
  if (env[ENV.runtime] === undefined) return;
  if (!(await exists(SHELL))) {
    throw new StepFailure(
      `The image ${image} has no ${SHELL}. ${NEEDS}. Use an image with one: of a distroless image its variant with a shell, or the image that the program is built in.`,
      EXIT.invalid,
    );
  }
  const result = await execa(SHELL, ['-c', 'exit 0'], {
    env: { PATH: env['PATH'] ?? '' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    cancelSignal: signal,
  });
  signal.throwIfAborted();
  if (result.exitCode === 0) return;
  throw new StepFailure(
    `${SHELL} of the image ${image} cannot run: ${reasonOf(result)}. ${NEEDS}. Use an image with glibc or musl for this node's architecture (${process.arch}).`,
    EXIT.invalid,
  );
}

function reasonOf({
  exitCode,
  signal,
  code,
  stderr,
}: {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly stderr?: unknown;
}): string {
  // The file exists, so what is missing is the loader that it names.
  if (code === 'ENOENT') return 'its loader (the libc) is missing';
  if (code === 'ENOEXEC') return 'it was built for another architecture';
  if (exitCode === undefined)
    return signal === undefined ? String(code) : `it ended with ${signal}`;
  const text = String(stderr ?? '').trim();
  return `exit code ${exitCode}${text === '' ? '' : ` (${text})`}`;
}
