// Makes programs and glibc's loader independent of the image that they run in. Every change keeps the length of
// what it replaces, so nothing in a file moves: `claude` carries its own code at its end.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the runtime is in every container. */
export const RUNTIME = '/opt/agentteam';
/** Shorter than `/lib64/ld-linux-x86-64.so.2` and `/lib/ld-linux-aarch64.so.1`, whose place it takes. */
export const LOADER = `${RUNTIME}/lib/ld.so`;

/** The paths that Debian builds into git, and those of the same length that take their place. */
const GIT_PATHS = {
  '/usr/lib/git-core': `${RUNTIME}/gc`,
  'share/git-core/templates': `${RUNTIME}/templates`,
};

/**
 * Copies a program. If it is dynamically linked, the copy starts with the runtime's loader.
 * @returns whether it is dynamically linked.
 */
export function copyProgram(from, to) {
  copyFileSync(from, to);
  const file = readFileSync(to);
  const interpreter = interpreterOf(file);
  if (interpreter === undefined) return false;
  const { offset, length } = interpreter;
  if (LOADER.length >= length) throw new Error(`${from}: no room for ${LOADER}`);
  file.fill(0, offset, offset + length);
  file.write(LOADER, offset, 'latin1');
  writeFileSync(to, file);
  return true;
}

/** Where a 64-bit ELF file names its loader (PT_INTERP). Undefined for a static program and for a script. */
function interpreterOf(file) {
  const isElf64 = file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2;
  if (!isElf64) return undefined;
  const table = Number(file.readBigUInt64LE(0x20));
  const size = file.readUInt16LE(0x36);
  const count = file.readUInt16LE(0x38);
  for (let at = table; at < table + count * size; at += size) {
    if (file.readUInt32LE(at) !== 3) continue;
    return {
      offset: Number(file.readBigUInt64LE(at + 8)),
      length: Number(file.readBigUInt64LE(at + 32)),
    };
  }
  return undefined;
}

/**
 * Copies glibc's loader such that it searches the runtime's libraries only, and ignores the cache and the list
 * of preloaded libraries of the image.
 * Source: the string constants of elf/dl-load.c and elf/rtld.c, glibc 2.36 and 2.41.
 */
export function copyLoader(from, directory) {
  let text = readFileSync(from).toString('latin1');
  const searched = /\/lib\/([a-z0-9_]+-linux-gnu)\/\0\/usr\/lib\/\1\/\0\/lib\/\0\/usr\/lib\/\0/g;
  const library = `${RUNTIME}/lib`;
  const found = [...text.matchAll(searched)].length;
  if (found === 0) throw new Error(`${from}: no search path was found`);
  text = text.replace(searched, (_all, triplet) =>
    [
      library.padEnd(`/lib/${triplet}/`.length, '/'),
      library.padEnd(`/usr/lib/${triplet}/`.length, '/'),
      '/dev/',
      '/dev/nul/',
    ]
      .map((path) => `${path}\0`)
      .join(''),
  );
  for (const path of ['/etc/ld.so.cache', '/etc/ld.so.preload']) {
    if (!text.includes(`${path}\0`)) throw new Error(`${from}: ${path} was not found`);
    text = text.replaceAll(
      `${path}\0`,
      `${path.replace('/etc/', '/dev/').replace('ld.so', 'none.')}\0`,
    );
  }
  writeFileSync(join(directory, 'ld.so'), Buffer.from(text, 'latin1'), { mode: 0o755 });
}

/** Makes a copied git look for its helpers and templates in the runtime. */
export function relocateGit(path) {
  let text = readFileSync(path).toString('latin1');
  for (const [was, is] of Object.entries(GIT_PATHS)) {
    if (was.length !== is.length) throw new Error(`${is} is not as long as ${was}`);
    text = text.replaceAll(`${was}\0`, `${is}\0`);
  }
  writeFileSync(path, Buffer.from(text, 'latin1'));
}
