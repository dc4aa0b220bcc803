import { join } from 'node:path';
import { afterEach, beforeEach, test } from '@jest/globals';
import { temporaryDirectories } from '../../temporary.ts';
import { Terminal } from '../../terminal.ts';

const temporary = temporaryDirectories();
let terminal: Terminal;
beforeEach(async () => {
  terminal = new Terminal();
  await terminal.open(await temporary(), ':');
});
afterEach(() => terminal.close());

/** Starts a program as `agentteam` starts in a clone: as the child of another one. */
async function start(program: string): Promise<void> {
  const node = `'${process.execPath}' --conditions=source --disable-warning=ExperimentalWarning`;
  const path = join(import.meta.dirname, 'support', program);
  await terminal.type(`sh -c "${node} '${path}'; echo LEFT"`, 'Enter');
}

async function suspend(): Promise<void> {
  await terminal.type('C-z');
  await terminal.shown('Stopped');
}

test('Ctrl-Z suspends a tree whose keys answer gates', async () => {
  await start('tree-process.ts');
  await terminal.shown('Press a to approve');
  await suspend();
  await terminal.type('stty -a | tr " " "\\n" | grep icanon', 'Enter');
  await terminal.shown('\nicanon');
  await terminal.type('fg', 'Enter');
  await terminal.type('r');
  await terminal.shown('Press y to reject it');
});

test('a suspended tree leaves the terminal to the shell when it goes on in the background', async () => {
  await start('tree-process.ts');
  await terminal.shown('Press a to approve');
  await suspend();
  await terminal.type('bg', 'Enter');
  await terminal.type('echo $((40 + 2)) answers', 'Enter');
  await terminal.shown('42 answers');
  await terminal.type('fg', 'Enter');
  await terminal.type('r');
  await terminal.shown('Press y to reject it');
});

test('Ctrl-Z suspends a prompt, which keeps what was typed', async () => {
  await start('prompt-process.ts');
  await terminal.shown('>');
  await terminal.type('hal');
  await terminal.shown('> hal');
  await suspend();
  await terminal.type('fg', 'Enter');
  await terminal.type('lo', 'Enter');
  await terminal.shown('TYPED hallo');
  await terminal.type('C-d');
  await terminal.shown('TYPED end');
  await terminal.shown('\nLEFT');
});
