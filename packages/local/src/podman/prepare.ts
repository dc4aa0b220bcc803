import type { NamedContainer } from '../containers.ts';
import { PodNetwork } from './pod-network.ts';
import { call, type Podman } from './podman.ts';

/** Thrown when this machine cannot run a container from its image. */
export class ImageError extends Error {
  override readonly name: string = 'ImageError';
}

/**
 * Makes sure that podman works and has the images of a run's sidecars; it pulls those that are missing.
 * @param onPull called with the image before a pull, which can take minutes.
 * @throws ImageError
 */
export async function prepareImages(
  podman: Podman,
  sidecars: readonly NamedContainer[],
  onPull: (image: string) => void,
): Promise<void> {
  const network = await PodNetwork.open(podman).catch((error: Error) => {
    throw new ImageError(`podman does not work here: ${error.message}`);
  });
  network.close();
  const policies = new Map(
    sidecars.map(([name, { image = '', imagePullPolicy }]) => [image, { name, imagePullPolicy }]),
  );
  for (const [image, { name, imagePullPolicy }] of policies) {
    const found = await call(podman, ['podman', 'image', 'exists', image]);
    if (found.code === 0 && imagePullPolicy !== 'Always') continue;
    if (imagePullPolicy === 'Never') {
      throw new ImageError(`the sidecar ${name} has no image ${image} here, and may not pull it`);
    }
    onPull(image);
    const pulled = await call(podman, ['podman', 'pull', '--quiet', image]);
    if (pulled.code !== 0) {
      throw new ImageError(
        `the image ${image} of the sidecar ${name} cannot be pulled: ${pulled.error}`,
      );
    }
  }
}
