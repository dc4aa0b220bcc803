// Makes the runtime that is put into the images of agents: Node, the runner, `claude`, git, bash and the
// libraries of these programs, all below one directory. It needs no library of the image.
//
//   node scripts/make-runtime.mjs DIRECTORY --node FILE --claude FILE --dist DIRECTORY
//
// git, git-lfs and bash are this machine's own. It must have glibc as Debian builds it.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyLoader, copyProgram, relocateGit } from './runtime/relocate.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string' }, claude: { type: 'string' }, dist: { type: 'string' } },
});
const [out] = positionals;
if (out === undefined || !values.node || !values.claude || !values.dist) {
  throw new Error('usage: make-runtime.mjs DIRECTORY --node FILE --claude FILE --dist DIRECTORY');
}

const GIT_CORE = '/usr/lib/git-core';
/** Helpers of git that need Perl, serve repositories, or send mail. */
const LEFT_OUT =
  /^git-(add--interactive|archimport|citool|cvs.*|daemon|gui.*|http-backend|http-push|imap-send|instaweb|send-email|shell|svn|p4)$/;

const libraries = new Set();

/** Copies a program, and notes its libraries. */
function add(from, to) {
  const source = realpathSync(from);
  if (copyProgram(source, to)) addLibraries(source);
  chmodSync(to, 0o755);
}

function addLibraries(program) {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  for (const line of lines) {
    if (line.includes('not found')) throw new Error(`${program}: ${line.trim()}`);
    const path = /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1];
    if (path !== undefined) libraries.add(path);
  }
}

function addGit() {
  add('/usr/bin/git', join(out, 'bin', 'git'));
  relocateGit(join(out, 'bin', 'git'));
  for (const entry of readdirSync(GIT_CORE, { withFileTypes: true })) {
    const { name } = entry;
    const [from, to] = [join(GIT_CORE, name), join(out, 'gc', name)];
    if (LEFT_OUT.test(name) || name === 'git') continue;
    if (entry.isDirectory()) cpSync(from, to, { recursive: true });
    else if (realpathSync(from) === realpathSync('/usr/bin/git')) symlinkSync('../bin/git', to);
    else if (entry.isSymbolicLink()) symlinkSync(basename(readlinkSync(from)), to);
    else {
      add(from, to);
      relocateGit(to);
    }
  }
  symlinkSync('../bin/git', join(out, 'gc', 'git'));
  cpSync('/usr/share/git-core/templates', join(out, 'templates'), { recursive: true });
}

rmSync(out, { recursive: true, force: true });
for (const name of ['bin', 'lib', 'gc', 'path', 'etc'])
  mkdirSync(join(out, name), { recursive: true });
add(values.node, join(out, 'bin', 'node'));
add(values.claude, join(out, 'bin', 'claude'));
add('/bin/bash', join(out, 'bin', 'bash'));
if (existsSync('/usr/bin/git-lfs')) add('/usr/bin/git-lfs', join(out, 'bin', 'git-lfs'));
addGit();
for (const library of libraries) {
  if (/\/ld-linux[^/]*$/.test(library)) {
    copyLoader(library, join(out, 'lib'));
    symlinkSync('ld.so', join(out, 'lib', basename(library)));
  } else {
    copyFileSync(library, join(out, 'lib', basename(library)));
  }
}
// What an agent finds last on its PATH, in an image that has none of its own.
for (const name of ['bash', 'git', 'git-lfs']) {
  if (existsSync(join(out, 'bin', name))) symlinkSync(`../bin/${name}`, join(out, 'path', name));
}
// Many images have no entry for the user of the agents, and programs such as Java and ssh look it up.
writeFileSync(
  join(out, 'etc', 'passwd'),
  'root:x:0:0:root:/root:/bin/sh\nagent:x:1000:1000:agent:/home/agent:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
);
writeFileSync(join(out, 'etc', 'group'), 'root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n');
copyFileSync('/etc/ssl/certs/ca-certificates.crt', join(out, 'etc', 'ca-certificates.crt'));
cpSync(values.dist, join(out, 'dist'), {
  recursive: true,
  filter: (path) => !statSync(path).isFile() || /^runner[.-].*mjs$/.test(basename(path)),
});
