import type { EnvVar } from '@agentteam/argo';
import { call, type ImageEngine } from './image-engine.ts';

/**
 * Runs `"$@"` with the files of the image `$1` at the place of the argument ROOTFS. The traps keep the shell alive
 * when its group receives a signal. Podman counts the mounts of an image, so several containers can use it.
 */
const SCRIPT = `
trap : TERM INT HUP
image=$1; shift
root=$(podman image mount "$image") || exit 125
for argument; do
  shift
  [ "$argument" = ROOTFS ] && argument=$root:O
  set -- "$@" "$argument"
done
"$@"
code=$?
podman image unmount "$image" > /dev/null
exit $code
`;

/** Arguments of `podman run` that stand for the files of the image in {@link withFilesOf}. */
export const ROOTFS: readonly string[] = ['--rootfs', 'ROOTFS'];

/** The command line that runs another one, with the mounted files of an image in place of {@link ROOTFS}. */
export function withFilesOf(image: string, command: readonly string[]): readonly string[] {
  return ['/bin/sh', '-c', SCRIPT, 'sh', image, ...command];
}

/**
 * Whether agents use the files of their images in place. If root runs the engine, the ids of a container's users are
 * not the image's. Podman 4 with its driver overlay fails to start such a container from the image (measured with
 * 4.3.1: "creating overlay mount … permission denied"), and other versions copy the image first.
 */
export async function usesInPlace(engine: ImageEngine): Promise<boolean> {
  if (engine.name !== 'podman' || process.getuid?.() !== 0) return false;
  const driver = await call(engine, ['podman', 'info', '--format', '{{.Store.GraphDriverName}}']);
  return driver.output.trim() === 'overlay';
}

/**
 * The variables that an image sets.
 * @returns undefined if its files cannot be mounted: podman 4 cannot mount those of additional image stores.
 */
export async function mountableImage(
  engine: ImageEngine,
  image: string,
): Promise<readonly EnvVar[] | undefined> {
  const mounted = await call(engine, ['podman', 'image', 'mount', image]);
  if (mounted.code !== 0) return undefined;
  await call(engine, ['podman', 'image', 'unmount', image]);
  const format = '{{json .Config.Env}}';
  const { output } = await call(engine, ['podman', 'image', 'inspect', '--format', format, image]);
  const variables = JSON.parse(output || 'null') as readonly string[] | null;
  return (variables ?? []).map((text) => {
    const [name = ''] = text.split('=', 1);
    return { name, value: text.slice(name.length + 1) };
  });
}
