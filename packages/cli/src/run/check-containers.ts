import type { AgentTeam } from '@agentteam/api';
import { IMAGE_ENGINES, type ImageEngine } from '@agentteam/local';
import type { Context } from '../context.ts';
import { usageError } from '../failure.ts';
import { agentImages } from '../output/plan/images.ts';
import { findOnPath } from './inputs/programs.ts';
import type { RunOptions } from './run-options.ts';

/**
 * The program that runs agents in their images: the one that `--containers` names, otherwise the first one that is
 * installed. Undefined without the option.
 * @throws Failure when `--containers` cannot have the effect that its user expects.
 */
export function checkContainers(
  { containers, sandbox }: RunOptions,
  team: AgentTeam,
  env: Context['env'],
): ImageEngine['name'] | undefined {
  if (containers === undefined) return undefined;
  if (sandbox === false) {
    throw usageError('--containers and --no-sandbox exclude each other', 'Omit --no-sandbox.');
  }
  const images = agentImages(team);
  if (Object.keys(images).length === 0) {
    throw usageError(
      '--containers has no effect, because no agent of the team has an image',
      'Set environment.image in the team file (docs/environments.md), or omit --containers.',
    );
  }
  const engine =
    containers === true
      ? (IMAGE_ENGINES.find((program) => findOnPath(program, env)) ?? 'podman')
      : containers;
  const [agent] = agentsWithSidecars(team).filter((name) => !Object.hasOwn(images, name));
  if (engine === 'docker' && agent !== undefined) {
    throw usageError(
      `the agent ${agent} has sidecars and no image, and a sandbox cannot join the network of Docker's containers`,
      "Set the agent's environment.image, or install podman (apt-get install podman) and use --containers podman.",
    );
  }
  return engine;
}

function agentsWithSidecars({ spec }: AgentTeam): readonly string[] {
  const common = spec.environment?.sidecars ?? [];
  return [{ ...spec.lead, name: 'lead' }, ...spec.teammates]
    .filter(({ environment }) => [...common, ...(environment?.sidecars ?? [])].length > 0)
    .map(({ name }) => name);
}
