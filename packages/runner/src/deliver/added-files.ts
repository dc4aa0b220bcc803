import { type GitOptions, git } from '../git/run.ts';

/** A file's content that some commit of the team added. */
export interface AddedFile {
  readonly path: string;
  /** Id of the content. */
  readonly object: string;
  readonly content: Buffer;
}

/** A larger file is not looked into: nobody writes one by hand. */
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
  for (const ids of await chunks([...paths.keys()], options)) {
    const input = ids.map((id) => `${id}\n`).join('');
    const batch = await git(['cat-file', '--batch'], { ...options, input, encoding: 'latin1' });
    let rest = batch.stdout;
    for (const object of ids) {
      const header = rest.slice(0, rest.indexOf('\n') + 1);
      const size = Number(header.split(' ')[2]);
      const content = Buffer.from(rest.slice(header.length, header.length + size), 'latin1');
      yield { path: paths.get(object) ?? '', object, content };
      rest = rest.slice(header.length + size + 1);
    }
  }
}

async function chunks(
  ids: readonly string[],
  options: GitOptions,
): Promise<readonly (readonly string[])[]> {
  const input = ids.map((id) => `${id}\n`).join('');
  const check = '--batch-check=%(objecttype) %(objectsize) %(objectname)';
  const { stdout } = await git(['cat-file', check], { ...options, input });
  const all: string[][] = [];
  let room = 0;
  for (const line of stdout.split('\n')) {
    const [type, size = '0', id = ''] = line.split(' ');
    if (type !== 'blob' || Number(size) > MOST_BYTES) continue;
    if (Number(size) > room) {
      all.push([]);
      room = MOST_AT_ONCE;
    }
    room -= Number(size);
    all.at(-1)?.push(id);
  }
  return all;
}
