import { type GitOptions, git } from '../run.ts';

/** A version of a file that some commit of a range added. */
export interface AddedFile {
  readonly path: string;
  /** Id of the blob. */
  readonly object: string;
  readonly bytes: number;
  /** Empty for files over 1 MiB, which nobody writes by hand. */
  readonly content: Buffer;
}

const MAX_BYTES = 1024 ** 2;
/** Bytes of content that one git call reads. */
const MAX_BATCH_BYTES = 16 * 1024 ** 2;

/** Reads every file version that the commits of a range added, including those removed again later. */
export async function* readAddedFiles(
  base: string,
  commit: string,
  options: GitOptions,
): AsyncGenerator<AddedFile> {
  const { stdout } = await git(['rev-list', '--objects', commit, `^${base}`], options);
  const paths = new Map(
    [...stdout.matchAll(/^([0-9a-f]{40,64}) (.+)$/gm)].map(([, id = '', path = '']) => [id, path]),
  );
  const sizes = await sizesOf([...paths.keys()], options);
  for (const [object, bytes] of sizes) {
    if (bytes <= MAX_BYTES) continue;
    yield { path: paths.get(object) ?? '', object, bytes, content: Buffer.alloc(0) };
  }
  for (const ids of batches(sizes)) {
    const input = ids.map((id) => `${id}\n`).join('');
    const batch = await git(['cat-file', '--batch'], { ...options, input, encoding: 'latin1' });
    let rest = batch.stdout;
    for (const object of ids) {
      const start = rest.indexOf('\n') + 1;
      const bytes = sizes.get(object) ?? 0;
      const content = Buffer.from(rest.slice(start, start + bytes), 'latin1');
      yield { path: paths.get(object) ?? '', object, bytes, content };
      rest = rest.slice(start + bytes + 1);
    }
  }
}

/** Sizes by id; objects that are not files are left out. */
async function sizesOf(
  ids: readonly string[],
  options: GitOptions,
): Promise<ReadonlyMap<string, number>> {
  const input = ids.map((id) => `${id}\n`).join('');
  const check = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const { stdout } = await git(['cat-file', check], { ...options, input });
  const blobs = stdout.matchAll(/^blob ([0-9]+) ([0-9a-f]+)$/gm);
  return new Map([...blobs].map(([, size, id = '']) => [id, Number(size)]));
}

/** The files whose content is read, in batches for one git call each. */
function batches(sizes: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const [id, bytes] of sizes) {
    if (bytes > MAX_BYTES) continue;
    if (bytes > room) {
      all.push([]);
      room = MAX_BATCH_BYTES;
    }
    room -= bytes;
    all.at(-1)?.push(id);
  }
  return all;
}
