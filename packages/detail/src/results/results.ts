import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { cutText } from '@agentteam/text';
import { findFiles, inDirectory, RefusedError } from '@agentteam/volume';
import type { PreviewKind, ResultFile, ResultsDetail } from './results-detail.ts';

/** Files that are listed of an output directory, and of which the first ones get a preview. */
const MOST_FILES = 500;
const MOST_PREVIEWS = 40;
/** All previews together. */
const PREVIEWS_BYTES = 2_097_152; // 2 Mi
const TEXT_BYTES = 65_536; // 64 Ki
const IMAGE_BYTES = 524_288; // 512 Ki

/** Images that cannot contain a script. An SVG can, so it has no preview. */
const IMAGES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
};
const TEXTS: Readonly<Record<string, PreviewKind>> = {
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.csv': 'csv',
};

/**
 * Lists the files in an output directory, which agents can write to, with previews of the first ones. Links
 * are neither followed nor listed.
 * @param place where the results are, for a person.
 * @param report name of the team's report, which is left out.
 */
export async function readResults(
  place: string | undefined,
  directory: string | undefined,
  report: string,
): Promise<ResultsDetail> {
  const named = place === undefined ? {} : { place };
  if (directory === undefined) return { ...named, files: [], cut: false };
  const { files: all, cut } = await findFiles(directory);
  const found = all.filter((path) => path !== report);
  const files: ResultFile[] = [];
  let room = PREVIEWS_BYTES;
  for (const [index, path] of found.slice(0, MOST_FILES).entries()) {
    const wanted = index < MOST_PREVIEWS ? room : 0;
    const file = await readResult(directory, path, wanted);
    if (file === undefined) continue;
    room -= file.preview?.text.length ?? 0;
    files.push(file);
  }
  return { ...named, files, cut: cut || found.length > MOST_FILES };
}

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;

/** @param room bytes that a preview may have. @returns undefined for a file that has disappeared. */
async function readResult(
  directory: string,
  path: string,
  room: number,
): Promise<ResultFile | undefined> {
  const below = dirname(path) === '.' ? [] : dirname(path).split('/');
  try {
    return await inDirectory(directory, below, async (parent) => {
      const at = join(parent, basename(path));
      const stat = await lstat(at);
      if (!stat.isFile()) return undefined;
      const preview = room > 0 ? await previewOf(at, path, stat.size, room) : undefined;
      return { path, bytes: stat.size, ...(preview !== undefined && { preview }) };
    });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof RefusedError || GONE.includes(code)) return undefined;
    throw error;
  }
}

/** What an agent can cause while its files are read. */
const GONE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EISDIR', 'EACCES', 'EPERM'];

async function previewOf(
  at: string,
  path: string,
  size: number,
  room: number,
): Promise<ResultFile['preview']> {
  const ending = extname(path).toLowerCase();
  const mediaType = IMAGES[ending];
  if (mediaType !== undefined) {
    if (size > IMAGE_BYTES || (size * 4) / 3 > room) return undefined;
    const bytes = await readStart(at, size);
    return { kind: 'image', text: bytes.toString('base64'), mediaType, cut: false };
  }
  const most = Math.min(TEXT_BYTES, room);
  const bytes = await readStart(at, most);
  // A character may be cut in two at the end.
  const text = bytes.toString('utf8').replace(/\uFFFD{1,3}$/, '');
  if (text.includes('\0') || text.includes('\uFFFD')) return undefined;
  return {
    kind: TEXTS[ending] ?? 'text',
    text: cutText(text, most),
    cut: size > bytes.length,
  };
}

async function readStart(path: string, most: number): Promise<Buffer> {
  const file = await open(path, FLAGS);
  try {
    const buffer = Buffer.alloc(most);
    let total = 0;
    while (total < most) {
      const { bytesRead } = await file.read(buffer, total, most - total, total);
      if (bytesRead === 0) break;
      total += bytesRead;
    }
    return buffer.subarray(0, total);
  } finally {
    await file.close();
  }
}
