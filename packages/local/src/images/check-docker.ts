import { hostname } from 'node:os';
import { call, type ImageEngine } from './image-engine.ts';

interface DockerInfo {
  readonly Name?: string;
  readonly OSType?: string;
  readonly SecurityOptions?: readonly string[] | null;
  readonly ServerErrors?: readonly string[];
}

/**
 * Finds out why Docker cannot run agents here.
 * @returns undefined if it can.
 */
export async function dockerProblem(engine: ImageEngine): Promise<string | undefined> {
  if (process.getuid?.() === 0) {
    return 'docker cannot run agents for root, because it would give them the user id of root';
  }
  const { output, error } = await call(engine, ['docker', 'info', '--format', '{{json .}}']);
  const info = JSON.parse(output.trim() || '{}') as DockerInfo;
  const [failure = error] = info.ServerErrors ?? [];
  if (info.Name === undefined || info.Name === '') return `docker does not work here: ${failure}`;
  const options = info.SecurityOptions ?? [];
  if (options.some((option) => /^name=(?:rootless|userns)\b/.test(option))) {
    return 'docker maps user ids here (rootless or userns-remap), so agents could not write to their files';
  }
  // The daemon of Docker Desktop and a remote one have other files, and could not mount those of the run.
  if (info.Name !== hostname() || info.OSType !== 'linux') {
    return `the daemon of docker runs on another machine (${info.Name}), which has no files of this one`;
  }
  return undefined;
}
