import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EXIT } from '@agentteam/contract';
import { expect, test } from '@jest/globals';
import { refuseIdentity } from '../../src/step/no-identity.ts';
import { temporaryDirectory } from '../support/shell.ts';

/** A metadata server as Google Cloud's: it answers only requests with its header. */
async function withMetadataServer<T>(
  status: number,
  work: (url: string, asked: readonly string[]) => Promise<T>,
): Promise<T> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url}`);
    const isKnown = request.headers['metadata-flavor'] === 'Google';
    response.writeHead(isKnown ? status : 403).end('agents@acme.iam.gserviceaccount.com');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.close();
  }
}

test('a container without an identity is accepted', async () => {
  await withMetadataServer(404, async (url, asked) => {
    await refuseIdentity({}, 'bedrock', url);
    expect(asked).toHaveLength(1);
    // Without an account of the team's choice nothing is asked.
    await refuseIdentity({}, undefined, url);
    expect(asked).toHaveLength(1);
  });
});

test('a token that a webhook has mounted is refused by name', async () => {
  const file = join(await temporaryDirectory(), 'token');
  const env = { AWS_WEB_IDENTITY_TOKEN_FILE: file };
  await refuseIdentity(env, undefined);
  await writeFile(file, 'e30.e30.x');
  await expect(refuseIdentity(env, undefined)).rejects.toMatchObject({
    exitCode: EXIT.invalid,
    message: expect.stringContaining(`The agent's container has a token, ${file}`),
  });
});

test('an identity from the metadata server is refused', async () => {
  await withMetadataServer(200, async (url, asked) => {
    await expect(refuseIdentity({}, 'vertex', url)).rejects.toMatchObject({
      exitCode: EXIT.invalid,
      message: expect.stringContaining(
        'gives the cloud identity of the service account vertex to the agent',
      ),
    });
    expect(asked).toEqual(['/computeMetadata/v1/instance/service-accounts/default/email']);
  });
});

test('a metadata server that does not answer gives no identity', async () => {
  await refuseIdentity({}, 'vertex', 'http://127.0.0.1:9');
});
