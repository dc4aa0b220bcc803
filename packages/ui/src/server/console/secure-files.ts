import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConsoleOptions } from './options.ts';

/** The content of the mounted Secrets. */
export interface SecureFiles {
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer; readonly ca?: Buffer };
  /** What the proxy sends to prove itself. */
  readonly secret?: string;
}

/** @throws Error naming the file when one cannot be read, or the secret is empty. */
export async function readSecureFiles({
  tlsDirectory,
  authentication,
}: ConsoleOptions): Promise<SecureFiles> {
  const { secretFile, clientCaFile } = authentication.mode === 'proxy' ? authentication : {};
  const [cert, key, ca, text] = await Promise.all([
    tlsDirectory && readFile(join(tlsDirectory, 'tls.crt')),
    tlsDirectory && readFile(join(tlsDirectory, 'tls.key')),
    clientCaFile && readFile(clientCaFile),
    secretFile && readFile(secretFile, 'utf8'),
  ]);
  const secret = text?.trim();
  if (secret === '') throw new Error(`${secretFile} is empty`);
  return {
    ...(cert && key && { tls: { cert, key, ...(ca && { ca }) } }),
    ...(secret !== undefined && { secret }),
  };
}

/**
 * Calls `onChange` when a Secret may have changed. The kubelet updates a mounted Secret by replacing a symbolic
 * link in its directory.
 */
export function watchSecureFiles(options: ConsoleOptions, onChange: () => void): () => void {
  const { tlsDirectory, authentication } = options;
  const { secretFile, clientCaFile } = authentication.mode === 'proxy' ? authentication : {};
  const files = [secretFile, clientCaFile].filter((file) => file !== undefined);
  const directories = [
    ...files.map((file) => dirname(file)),
    ...(tlsDirectory ? [tlsDirectory] : []),
  ];
  const watchers = [...new Set(directories)].map((directory) => watch(directory, onChange));
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
