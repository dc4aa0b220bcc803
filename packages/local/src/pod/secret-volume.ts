import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SECRET_DATA } from '@agentteam/contract';
import { below } from './below.ts';

/** The values of a Secret by key. */
export type SecretValues = Readonly<Record<string, string>>;

/**
 * The values of a Secret. A function reads those of one that people can replace during the run.
 * It returns undefined while they cannot be read.
 */
export type SecretSource = SecretValues | (() => SecretValues | undefined);

/**
 * Writes a Secret into the directory of its volume. One that can be replaced is written in the kubelet's way: each
 * key is a link through {@link SECRET_DATA}, which is a link to the directory with the values. A new link takes the
 * place of the old one, so that no reader sees half of a change.
 */
export function writeSecret(directory: string, source: SecretSource): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  if (typeof source === 'function') replaceValues(directory, source());
  else writeValues(directory, source);
}

/** @param values undefined: what is there stays. */
function replaceValues(directory: string, values: SecretValues | undefined): void {
  const data = join(directory, SECRET_DATA);
  if (values === undefined || isSame(data, values)) return;
  const before = existsSync(data) ? readlinkSync(data) : undefined;
  const version = before === '..2' ? '..1' : '..2';
  const target = join(directory, version);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { mode: 0o700 });
  writeValues(target, values);
  rmSync(`${data}_tmp`, { force: true });
  symlinkSync(version, `${data}_tmp`);
  renameSync(`${data}_tmp`, data);
  const links = new Set(readdirSync(directory).filter((name) => !name.startsWith('..')));
  for (const key of Object.keys(values)) {
    if (!links.delete(key)) symlinkSync(join(SECRET_DATA, key), below(directory, key));
  }
  for (const key of links) rmSync(join(directory, key));
}

function writeValues(directory: string, values: SecretValues): void {
  for (const [key, value] of Object.entries(values)) {
    writeFileSync(below(directory, key), value, { mode: 0o600 });
  }
}

function isSame(directory: string, values: SecretValues): boolean {
  if (!existsSync(directory)) return false;
  const keys = readdirSync(directory);
  return (
    keys.length === Object.keys(values).length &&
    keys.every(
      (key) =>
        Object.hasOwn(values, key) && readFileSync(join(directory, key), 'utf8') === values[key],
    )
  );
}
