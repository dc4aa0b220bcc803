import { createHash } from 'node:crypto';
import { EXIT, isRecord, type OciReference } from '@agentteam/contract';
import { StepFailure } from '../../../step/failure.ts';
import { type Registry, readAtMost } from './registry.ts';

/** A file or archive of an artifact. */
export interface Layer {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
  /** Path of the file that the layer is; absent for an archive of files. */
  readonly title?: string;
}

export interface Artifact {
  /** Digest of the manifest that the reference names. */
  readonly digest: string;
  readonly layers: readonly Layer[];
}

const INDEX = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const MANIFEST = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const ACCEPT = [...MANIFEST, ...INDEX].join(', ');

/** Registries need accept no larger manifest (OCI Distribution 1.1). */
const MAX_MANIFEST_BYTES = 4 << 20;
const MAX_LAYERS = 128;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Annotations of ORAS: the path of a file or directory, and whether the layer is an archive of it. */
const TITLE = 'org.opencontainers.image.title';
const UNPACK = 'io.deis.oras.content.unpack';

/** Reads the manifest of an artifact, or of the image for this machine in a list of images. */
export async function readArtifact(
  registry: Registry,
  { tag, digest }: OciReference,
): Promise<Artifact> {
  const first = await readManifest(registry, digest ?? tag ?? '');
  if (digest !== undefined && first.digest !== digest) throw altered('manifest');
  const { manifests } = first.manifest;
  if (!Array.isArray(manifests)) return { digest: first.digest, layers: layersOf(first.manifest) };
  const chosen = forThisMachine(manifests.filter(isRecord));
  const second = await readManifest(registry, chosen);
  if (second.digest !== chosen) throw altered('manifest');
  return { digest: first.digest, layers: layersOf(second.manifest) };
}

async function readManifest(registry: Registry, name: string) {
  const response = await registry.get(`manifests/${name}`, ACCEPT);
  const bytes = await readAtMost(response, MAX_MANIFEST_BYTES);
  const manifest = bytes === undefined ? undefined : parse(bytes.toString('utf8'));
  if (bytes === undefined || !isRecord(manifest)) throw unusable('its manifest cannot be read');
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  return { manifest, digest };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The digest of the entry for this machine's platform, or of the only one without a platform. */
function forThisMachine(entries: readonly Readonly<Record<string, unknown>>[]): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const images = entries.filter(({ mediaType }) => MANIFEST.includes(String(mediaType)));
  const isFor = ({ platform }: Readonly<Record<string, unknown>>) =>
    isRecord(platform) && platform['os'] === 'linux' && platform['architecture'] === architecture;
  const plain = images.filter(({ platform }) => platform === undefined);
  const chosen = images.find(isFor) ?? (plain.length === 1 ? plain[0] : undefined);
  const digest = chosen?.['digest'];
  if (typeof digest === 'string' && DIGEST.test(digest)) return digest;
  throw unusable(`it has no image for linux/${architecture}`);
}

function layersOf({ layers }: Readonly<Record<string, unknown>>): readonly Layer[] {
  if (!Array.isArray(layers) || layers.length === 0) throw unusable('its manifest has no layers');
  if (layers.length > MAX_LAYERS) throw unusable(`it has more than ${MAX_LAYERS} layers`);
  return layers.map((layer: unknown) => {
    const { digest, size, mediaType = '', annotations } = isRecord(layer) ? layer : {};
    if (typeof digest !== 'string' || !DIGEST.test(digest) || !Number.isSafeInteger(size)) {
      throw unusable('a layer of its manifest has no SHA-256 digest or no size');
    }
    const notes = isRecord(annotations) ? annotations : {};
    const title = notes[UNPACK] === 'true' ? undefined : notes[TITLE];
    return {
      digest,
      size: Number(size),
      mediaType: String(mediaType),
      ...(typeof title === 'string' && { title }),
    };
  });
}

export function altered(what: string): StepFailure {
  return new StepFailure(`its ${what} has another digest than it should have`, EXIT.refused);
}

function unusable(why: string): StepFailure {
  return new StepFailure(`it cannot be used: ${why}`, EXIT.invalid);
}
