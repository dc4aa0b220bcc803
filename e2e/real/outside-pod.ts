// The services outside of a team's cluster, in one pod: git repositories over HTTP, created from the
// bundles in this directory, and a receiver of webhooks that prints each call as a line.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { serveGit } from '../../packages/runner/test/support/git-http-server.ts';

const [gitPort = '', hooksPort = ''] = process.argv.slice(2);
const repositories = mkdtempSync(join(tmpdir(), 'repositories-'));
for (const bundle of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.bundle'))) {
  const target = join(repositories, 'acme', bundle.replace(/bundle$/, 'git'));
  const source = join(import.meta.dirname, bundle);
  execFileSync('git', ['clone', '--quiet', '--mirror', source, target], { stdio: 'inherit' });
}
await serveGit(repositories, undefined, { host: '0.0.0.0', port: Number(gitPort) });
createServer(async (request, response) => {
  const body = await text(request);
  console.log(JSON.stringify({ path: request.url, headers: request.headers, body }));
  response.writeHead(204).end();
}).listen(Number(hooksPort), '0.0.0.0');
