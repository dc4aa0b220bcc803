import { createHash } from 'node:crypto';
import { chmod, type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, type OciReference } from '@agentteam/contract';
import { StepFailure } from '../../../step/failure.ts';
import { type Budget, tooLarge, unpack } from '../unpack.ts';
import { altered, type Layer, readArtifact } from './manifest.ts';
import type { Registry } from './registry.ts';

/** Media types of archives: of images, of ORAS, of Helm, and others that follow the same form. */
const ARCHIVE = /(?:[.+/-]|^)(?:tar|tar\+gzip|tar\+zstd|tar\.gzip|tar\.gz|tgz)$/;

export interface PullOptions {
  readonly registry: Registry;
  readonly reference: OciReference;
  /** An existing, empty directory, as a real path. */
  readonly target: string;
  /** A directory for downloads. */
  readonly scratch: string;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/**
 * Pulls an artifact or image into a directory. Each layer is unpacked only after its digest was checked.
 * @returns the digest of what the reference names.
 */
export async function pull(options: PullOptions): Promise<string> {
  const { registry, reference, budget, scratch } = options;
  const { digest, layers } = await readArtifact(registry, reference);
  if (layers.reduce((sum, { size }) => sum + size, 0) > budget.maxBytes) {
    throw new StepFailure(`it ${tooLarge(budget)}`, EXIT.invalid);
  }
  for (const [index, layer] of layers.entries()) {
    const file = join(scratch, `layer-${index}`);
    await download(registry, layer, file);
    await add(layer, file, options);
    await rm(file, { force: true });
  }
  return digest;
}

async function download(registry: Registry, layer: Layer, file: string): Promise<void> {
  const response = await registry.get(`blobs/${layer.digest}`, 'application/octet-stream, */*');
  const hash = createHash('sha256');
  let length = 0;
  const handle = await open(file, 'wx', 0o600);
  try {
    for await (const chunk of response.body ?? []) {
      length += (chunk as Uint8Array).length;
      if (length > layer.size) throw altered('layer');
      hash.update(chunk as Uint8Array);
      await writeAll(handle, chunk as Uint8Array);
    }
  } catch (error) {
    if (error instanceof StepFailure || (error as Error).name === 'AbortError') throw error;
    const message = `the download broke off: ${(error as Error).message}`;
    throw new StepFailure(message, EXIT.failed, error);
  } finally {
    await handle.close();
  }
  if (length !== layer.size || `sha256:${hash.digest('hex')}` !== layer.digest) {
    throw altered('layer');
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await handle.write(chunk, at)).bytesWritten;
}

/** Adds a layer to what the layers before it have left. */
async function add(layer: Layer, file: string, options: PullOptions): Promise<void> {
  const { target, budget, signal } = options;
  const { title, mediaType, size } = layer;
  if (title !== undefined) {
    const path = await placeOf(target, title);
    budget.bytes -= size;
    budget.entries -= 1;
    if (budget.bytes < 0) throw new StepFailure(`it ${tooLarge(budget)}`, EXIT.invalid);
    await rename(file, path);
    await chmod(path, 0o644);
    return;
  }
  if (!ARCHIVE.test(mediaType)) {
    const message = `it cannot be used: a layer is neither an archive (tar) nor a file with a name (annotation org.opencontainers.image.title), but ${mediaType || 'of no type'}`;
    throw new StepFailure(message, EXIT.invalid);
  }
  await unpack(file, target, budget, signal);
}

/** Makes the directory of a file and returns the file's path. @throws StepFailure when it leads out. */
async function placeOf(target: string, title: string): Promise<string> {
  const parts = title.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\'))) {
    throw new StepFailure(
      `a file of it has a path that leads out of it: ${JSON.stringify(title.slice(0, 200))}`,
      EXIT.invalid,
    );
  }
  let directory = target;
  for (const part of parts.slice(0, -1)) {
    directory = join(directory, part);
    const found = await lstat(directory).catch(() => undefined);
    if (found === undefined) await mkdir(directory);
    else if (!found.isDirectory()) {
      throw new StepFailure(
        `a part of the path ${JSON.stringify(title)} is not a directory`,
        EXIT.invalid,
      );
    }
  }
  return join(target, title);
}
