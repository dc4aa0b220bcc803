import type { EnvVar } from '@agentteam/argo';
import { fullImageName, isImageName } from '@agentteam/contract';
import type { NamedContainer } from '../containers.ts';
import { dockerProblem } from './check-docker.ts';
import { commandLinesOf } from './command-lines.ts';
import { call, type ImageEngine, removeCommand } from './image-engine.ts';
import { mountableImage, usesInPlace } from './in-place.ts';
import { PodNetwork } from './pod-network.ts';

/** Thrown when this machine cannot run a container from its image. */
export class ImageError extends Error {
  override readonly name: string = 'ImageError';
}

/**
 * Makes sure that the engine works and has the images of a run; it pulls those that are missing.
 * @param containers with the words for each in messages: `the sidecar db`.
 * @param onPull called with the image before a pull, which can take minutes.
 * @throws ImageError
 */
export async function prepareImages(
  engine: ImageEngine,
  containers: readonly NamedContainer[],
  onPull: (image: string) => void,
): Promise<void> {
  for (const [name, { image = '' }] of containers) {
    if (isImageName(image)) continue;
    throw new ImageError(
      `the image ${JSON.stringify(image)} of ${name} is not the name of an image in a registry, such as docker.io/library/golang:1.26`,
    );
  }
  const problem = await (engine.name === 'podman' ? podmanProblem(engine) : dockerProblem(engine));
  if (problem !== undefined) throw new ImageError(problem);
  const policies = new Map(
    containers.map(([name, { image = '', imagePullPolicy }]) => [image, { name, imagePullPolicy }]),
  );
  for (const [image, { name, imagePullPolicy }] of policies) {
    const inspect = [engine.name, 'image', 'inspect', '--format', '{{.Id}}', image];
    if ((await call(engine, inspect)).code === 0 && imagePullPolicy !== 'Always') continue;
    if (imagePullPolicy === 'Never') {
      throw new ImageError(`${name} has no image ${image} here, and may not pull it`);
    }
    onPull(image);
    // Podman may know no registry for a short name, which is of Docker Hub on a cluster and in Docker.
    const pulled = await call(engine, [engine.name, 'pull', '--quiet', fullImageName(image)]);
    if (pulled.code !== 0) {
      throw new ImageError(`the image ${image} of ${name} cannot be pulled: ${pulled.error}`);
    }
  }
}

/** @returns undefined if podman can run containers. */
async function podmanProblem(engine: ImageEngine): Promise<string | undefined> {
  const { code, error } = await call(engine, ['podman', '--version']);
  if (code !== 0) return `podman does not work here: ${error}`;
  try {
    await (await PodNetwork.open(engine)).close();
    return undefined;
  } catch (failure) {
    return `podman does not work here: ${(failure as Error).message}`;
  }
}

/**
 * @param agents the containers of agents, whose images this machine has.
 * @returns the engine, with what agents in images need.
 */
export async function forAgents(
  engine: ImageEngine,
  agents: readonly NamedContainer[],
): Promise<ImageEngine> {
  if (agents.length === 0 || !(await usesInPlace(engine))) return engine;
  const images = [...new Set(agents.map(([, { image = '' }]) => image))];
  const inPlace: Record<string, readonly EnvVar[]> = {};
  for (const image of images) {
    const variables = await mountableImage(engine, image);
    if (variables !== undefined) inPlace[image] = variables;
  }
  return { ...engine, inPlace };
}

/**
 * Checks that the programs of sidecars exist in their images and can be executed. A sidecar that cannot start would
 * be started again and again, while its agent waits for it.
 * @param sidecars with the words for each in messages: `the sidecar db`.
 * @throws ImageError
 */
export async function checkPrograms(
  engine: ImageEngine,
  sidecars: readonly NamedContainer[],
): Promise<void> {
  const { trial } = commandLinesOf(engine);
  const trials = new Map(
    sidecars.map(([name, container]) => [JSON.stringify(trial(container)), { name, container }]),
  );
  for (const { name, container } of trials.values()) {
    const { create, setUp } = trial(container);
    const created = await call(engine, create);
    const id = created.output.trim();
    // The runtime looks for the program when it sets the container up.
    const ready = created.code === 0 ? await call(engine, [...setUp, id]) : created;
    if (id !== '') await call(engine, removeCommand(engine, id));
    if (ready.code !== 0) {
      throw new ImageError(`${name} cannot start in the image ${container.image}: ${ready.error}`);
    }
  }
}
