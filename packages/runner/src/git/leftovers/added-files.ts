import { type GitOptions, git } from '../run.ts';

/** A file's content that some commit of a range added. */
export interface AddedFile {
  readonly path: string;
  /** Id of the content. */
  readonly object: string;
  readonly bytes: number;
  /** Empty where it is too large to be looked into: nobody writes such a file by hand. */
  readonly content: Buffer;
}

const MOST_BYTES = 1024 ** 2;
/** Content that is read at once. */
const MOST_AT_ONCE = 16 * 1024 ** 2;

/** Reads all that the commits of a range added, also what a later one took away. */
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
    if (bytes <= MOST_BYTES) continue;
    yield { path: paths.get(object) ?? '', object, bytes, content: Buffer.alloc(0) };
  }
  for (const ids of chunks(sizes)) {
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

/** Sizes of the files among some objects. */
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

/** The smaller files, in parts that can be read at once. */
function chunks(sizes: ReadonlyMap<string, number>): readonly (readonly string[])[] {
  const all: string[][] = [];
  let room = 0;
  for (const [id, bytes] of sizes) {
    if (bytes > MOST_BYTES) continue;
    if (bytes > room) {
      all.push([]);
      room = MOST_AT_ONCE;
    }
    room -= bytes;
    all.at(-1)?.push(id);
  }
  return all;
}
