// Creates a repository of a given size, with text that compresses about as well as code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const FILES_IN_DIRECTORY = 100;
const WORDS = 4096;

/** @returns a generator of numbers below 2^32 that are the same in every run. */
function numbers(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
}

export function pathOf(index) {
  const directory = Math.floor(index / FILES_IN_DIRECTORY);
  return `src/p${directory % 64}/d${directory}/f${index}.txt`;
}

function textOf(next, words, bytes) {
  const parts = [];
  for (let length = 0; length < bytes; ) {
    const word = words[next() % WORDS];
    parts.push(word);
    length += word.length;
  }
  return Buffer.from(parts.join('')).subarray(0, bytes);
}

/** Creates a bare repository with one commit that has a given number of files and bytes. */
export async function makeRepository(directory, files, bytes) {
  const next = numbers(1);
  const words = Array.from(
    { length: WORDS },
    () => `${next().toString(36)}${next() % 8 ? ' ' : '\n'}`,
  );
  await run(['init', '--quiet', '--bare', '-b', 'main', directory]);
  const importer = spawn('git', ['-C', directory, 'fast-import', '--quiet', '--depth=0'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const write = async (data) => {
    if (!importer.stdin.write(data)) await once(importer.stdin, 'drain');
  };
  await write('commit refs/heads/main\ncommitter bench <bench@example.com> 1700000000 +0000\n');
  await write('data 5\nstart\n');
  for (let index = 0; index < files; index += 1) {
    const text = textOf(next, words, Math.floor(bytes / files));
    await write(`M 100644 inline ${pathOf(index)}\ndata ${text.length}\n`);
    await write(text);
    await write('\n');
  }
  importer.stdin.end();
  const [code] = await once(importer, 'exit');
  if (code !== 0) throw new Error(`git fast-import exited with ${code}`);
}

/** Runs git as a shell script would, without any user's configuration. */
export async function run(args, cwd = '/') {
  const child = spawn('git', args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'bench',
      GIT_AUTHOR_EMAIL: 'bench@example.com',
      GIT_COMMITTER_NAME: 'bench',
      GIT_COMMITTER_EMAIL: 'bench@example.com',
    },
  });
  const [out, err, [code]] = await Promise.all([
    child.stdout.toArray(),
    child.stderr.toArray(),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${Buffer.concat(err)}`);
  return Buffer.concat(out).toString();
}
