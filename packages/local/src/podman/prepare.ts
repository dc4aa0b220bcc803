import type { EnvVar } from '@agentteam/argo';
import type { NamedContainer } from '../containers.ts';
import { mountableImage, usesInPlace } from './in-place.ts';
import { PodNetwork } from './pod-network.ts';
import { call, type Podman, removeCommand, trialCommand } from './podman.ts';

/** Thrown when this machine cannot run a container from its image. */
export class ImageError extends Error {
  override readonly name: string = 'ImageError';
}

/**
 * Makes sure that podman works and has the images of a run; it pulls those that are missing.
 * @param containers with the words for each in messages: `the sidecar db`.
 * @param onPull called with the image before a pull, which can take minutes.
 * @throws ImageError
 */
export async function prepareImages(
  podman: Podman,
  containers: readonly NamedContainer[],
  onPull: (image: string) => void,
): Promise<void> {
  const network = await PodNetwork.open(podman).catch((error: Error) => {
    throw new ImageError(`podman does not work here: ${error.message}`);
  });
  network.close();
  const policies = new Map(
    containers.map(([name, { image = '', imagePullPolicy }]) => [image, { name, imagePullPolicy }]),
  );
  for (const [image, { name, imagePullPolicy }] of policies) {
    const found = await call(podman, ['podman', 'image', 'exists', image]);
    if (found.code === 0 && imagePullPolicy !== 'Always') continue;
    if (imagePullPolicy === 'Never') {
      throw new ImageError(`${name} has no image ${image} here, and may not pull it`);
    }
    onPull(image);
    const pulled = await call(podman, ['podman', 'pull', '--quiet', image]);
    if (pulled.code !== 0) {
      throw new ImageError(`the image ${image} of ${name} cannot be pulled: ${pulled.error}`);
    }
  }
}

/**
 * @param agents the containers of agents, whose images this machine has.
 * @returns podman, with what agents in images need.
 */
export async function forAgents(
  podman: Podman,
  agents: readonly NamedContainer[],
): Promise<Podman> {
  if (agents.length === 0 || !(await usesInPlace(podman))) return podman;
  const images = [...new Set(agents.map(([, { image = '' }]) => image))];
  const inPlace: Record<string, readonly EnvVar[]> = {};
  for (const image of images) {
    const variables = await mountableImage(podman, image);
    if (variables !== undefined) inPlace[image] = variables;
  }
  return { ...podman, inPlace };
}

/**
 * Checks that the programs of sidecars exist in their images and can be executed. A sidecar that cannot start would
 * be started again and again, while its agent waits for it.
 * @param sidecars with the words for each in messages: `the sidecar db`.
 * @throws ImageError
 */
export async function checkPrograms(
  podman: Podman,
  sidecars: readonly NamedContainer[],
): Promise<void> {
  const trials = new Map(
    sidecars.map(([name, container]) => [trialCommand(container).join('\0'), { name, container }]),
  );
  for (const { name, container } of trials.values()) {
    const created = await call(podman, trialCommand(container));
    const id = created.output.trim();
    // The runtime looks for the program when it sets the container up, before anything runs in it.
    const ready = created.code === 0 ? await call(podman, ['podman', 'init', id]) : created;
    if (id !== '') await call(podman, removeCommand(id));
    if (ready.code !== 0) {
      throw new ImageError(
        `${name} cannot start in the image ${container.image}: ${ready.error.replace(/^Error: /, '')}`,
      );
    }
  }
}
