import { once } from 'node:events';
import { ENV, type GatewaySpec } from '@agentteam/contract';
import { describe, expect, test } from '@jest/globals';
import type { RunningGateway } from '../../../src/gateway/gateway.ts';
import { GatewayFailed, launch } from '../gateway-process.ts';
import { api, start, team } from '../setting.ts';
import { atEnd, environment, startInProcess } from '../team.ts';
import { addressOf, mountSecret, Registry, raw, withServices } from './registry.ts';

describe('the credential of a service', () => {
  test.each([
    ['a token', { token: 's3cret\n' }, undefined, 'authorization', 'Bearer s3cret'],
    ['a header', { token: 's3cret' }, 'X-Api-Key', 'x-api-key', 's3cret'],
    ['a scheme', { token: 's3cret' }, 'Authorization: Token', 'authorization', 'Token s3cret'],
    ['no scheme', { token: 's3cret' }, 'Authorization', 'authorization', 's3cret'],
    ['a user', { username: 'u', password: 'p:w' }, undefined, 'authorization', 'Basic dTpwOnc='],
  ])('with %s is sent', async (_, secret, header, name, value) => {
    const registry = await Registry.start();
    await mountSecret(team, 'npm', secret);
    const ref = { name: 'npm', url: `${registry.url}/base`, secret: 'npm-token' };
    const gateway = await start(withServices({ ...ref, ...(header !== undefined && { header }) }));
    const reply = await fetch(`${addressOf(gateway, 'npm')}@acme%2fui?x=1`, {
      headers: {
        authorization: 'Bearer of-the-agent',
        'x-api-key': 'of-the-agent',
        x_api_key: 'of-the-agent',
        cookie: 'a=b',
        'x-forwarded-for': '10.0.0.1',
        'x-original-url': '/admin',
        'user-agent': 'npm/11',
      },
    });
    expect(await reply.text()).toBe('ok');
    const seen = registry.seen.at(-1);
    expect(seen?.url).toBe('/base/@acme%2fui?x=1');
    expect(seen?.headers[name]).toBe(value);
    expect(JSON.stringify(seen?.rawHeaders)).not.toMatch(/of-the-agent|10\.0\.0\.1|\/admin|a=b/);
    expect(seen?.headers['user-agent']).toBe('npm/11');
  });

  test('is read again after it has been rotated', async () => {
    const registry = await Registry.start();
    await mountSecret(team, 'npm', { token: 'old' });
    const gateway = await start(
      withServices({ name: 'npm', url: registry.url, secret: 'npm-token' }),
    );
    // The service accepts the new token only, from the moment when the Secret has it.
    registry.answer = ({ headers }, response) => {
      response.statusCode = headers.authorization === 'Bearer new' ? 200 : 401;
      response.end();
    };
    expect((await fetch(addressOf(gateway, 'npm'))).status).toBe(401);
    await mountSecret(team, 'npm', { token: 'new' });
    expect((await fetch(addressOf(gateway, 'npm'))).status).toBe(200);
  });

  test('that the service rejects is named', async () => {
    const registry = await Registry.start();
    registry.answer = (_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end('no');
    };
    await mountSecret(team, 'npm', { token: 'wrong' });
    const services = withServices({ name: 'npm', url: registry.url, secret: 'npm-token' });
    const gateway = await launch(team, environment(team, api.url, services));
    const reply = await fetch(`${addressOf(gateway, 'npm')}x?sig=abc`);
    expect(reply.status).toBe(401);
    expect(await reply.text()).toBe('no');
    expect(reply.headers.get('agentteam-service')).toContain('the Secret npm-token was rejected');
    await gateway.stop();
    const lines = gateway
      .output()
      .split('\n')
      .filter((line) => line.includes('"event":"service"'));
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'warn', service: 'npm', method: 'GET', status: 401, rejectedSecret: 'npm-token' },
    ]);
    expect(gateway.output()).not.toMatch(/sig=abc|wrong/);
  });
});

/** Starts a gateway as in a pod, where an API on loopback is no rehearsal. */
async function startForReal(spec: Partial<GatewaySpec>): Promise<RunningGateway> {
  const gateway = await startInProcess({
    ...environment(team, api.url, spec),
    [ENV.engine]: undefined,
  });
  atEnd(() => gateway.close());
  return gateway;
}

describe('before the agent starts', () => {
  test.each([
    ['does not exist', {}, 'it does not exist, or has neither'],
    ['has no usable keys', { other: 'x' }, 'neither the key token nor'],
    ['has a token of two lines', { token: 'a\nb' }, 'characters that no header can carry'],
    ['has half a login', { username: 'u' }, 'neither the key token nor'],
  ])('a Secret that %s is an error', async (_, secret, message) => {
    const registry = await Registry.start();
    await mountSecret(team, 'npm', secret);
    const services = withServices({ name: 'npm', url: registry.url, secret: 'npm-token' });
    const failed = launch(team, environment(team, api.url, services));
    await expect(failed).rejects.toThrow(GatewayFailed);
    await expect(failed).rejects.toThrow(/the Secret "npm-token" of the service "npm"/);
    await expect(failed).rejects.toThrow(message);
    expect(registry.seen).toEqual([]);
  });

  test('a service that redirects to another place is an error', async () => {
    const registry = await Registry.start();
    registry.answer = (_, response) => {
      response.writeHead(302, { location: 'https://login.example/sso?state=secret' }).end();
    };
    const failed = startForReal(withServices({ name: 'npm', url: registry.url }));
    await expect(failed).rejects.toThrow(
      /"npm" redirects to https:\/\/login.example\/sso; set its/,
    );
    expect(api.seen).toEqual([]);
  });

  test('a service that leads to the Messages API is an error', async () => {
    const { port } = new URL(api.url);
    for (const url of [
      api.url,
      `http://localhost:${port}/v1`,
      `http://[::ffff:127.0.0.1]:${port}`,
    ]) {
      await expect(start(withServices({ name: 'npm', url }))).rejects.toThrow(
        'leads to the Messages API',
      );
    }
    expect(api.seen).toEqual([]);
  });

  test.each([
    () => 'https://API.anthropic.com./v1/messages',
    () => api.url,
    () => `${api.url}/v1/`,
    () => `${api.url}/v1/messages?beta=true`,
  ])('an MCP server at a model API is an error (%#)', async (url) => {
    const mcpServers = [{ name: 'free', url: url(), credential: true }];
    await expect(start({ mcpServers })).rejects.toThrow(
      'the MCP server "free" leads to a model API',
    );
  });

  test('an MCP server beside a model API is not', async () => {
    const mcpServers = [{ name: 'docs', url: `${api.url}/v1/mcp`, credential: false }];
    expect((await start({ mcpServers })).address.url).toMatch(/^http/);
  });

  test('a service or an MCP server that leads to the metadata of a cloud is an error', async () => {
    const link = 'leads to a link-local address';
    for (const url of ['http://[0:0:0:0:0:ffff:a9fe:a9fe]/', 'http://[fd00:0ec2::254]/']) {
      await expect(start(withServices({ name: 'npm', url }))).rejects.toThrow(link);
      const mcpServers = [{ name: 'docs', url, credential: false }];
      await expect(start({ mcpServers })).rejects.toThrow(link);
    }
    expect(api.seen).toEqual([]);
  });

  test('a rehearsal starts without the network of its services', async () => {
    const registry = await Registry.start();
    registry.answer = (_, response) => {
      response.writeHead(302, { location: 'https://login.example/' }).end();
    };
    const [away, moved] = [
      { name: 'a', url: 'https://registry.invalid/' },
      { name: 'b', url: registry.url },
    ];
    const gateway = await start(withServices(away, moved));
    expect((await fetch(addressOf(gateway, 'a'))).status).toBe(502);
    expect((await fetch(addressOf(gateway, 'b'))).status).toBe(403);
  });

  test('a host that does not exist is an error', async () => {
    const failed = startForReal(withServices({ name: 'npm', url: 'https://registry.invalid/' }));
    await expect(failed).rejects.toThrow(/"npm" is at registry.invalid/);
  });
});

describe('redirects', () => {
  test('within the services of the agent lead through the gateway, and others are refused', async () => {
    const [registry, files, other] = [
      await Registry.start(),
      await Registry.start(),
      await Registry.start(),
    ];
    await mountSecret(team, 'npm', { token: 's3cret' });
    const gateway = await start(
      withServices(
        { name: 'npm', url: `${registry.url}/npm/`, secret: 'npm-token' },
        { name: 'files', url: files.url },
      ),
    );
    const address = addressOf(gateway, 'npm');
    const targets: Record<string, string> = {
      '/npm/a': '../npm/b',
      '/npm/c': `${files.url}/d?sig=1`,
      '/npm/e': '/outside',
      '/npm/f': `${other.url}/npm/g`,
      '/npm/h': '//127.0.0.1.nip.example/x',
    };
    registry.answer = ({ url = '' }, response) => {
      const location = targets[url];
      if (location === undefined) response.end(`from ${url}`);
      else response.writeHead(307, { location, 'content-location': other.url }).end();
    };
    files.answer = ({ url }, response) => response.end(`file ${url}`);
    expect(await (await fetch(`${address}a`)).text()).toBe('from /npm/b');
    expect(await (await fetch(`${address}c`)).text()).toBe('file /d?sig=1');
    expect(files.seen.at(-1)?.headers.authorization).toBeUndefined();
    for (const path of ['e', 'f', 'h']) {
      const refused = await fetch(`${address}${path}`);
      expect(refused.status).toBe(403);
      expect(await refused.text()).toMatch(
        /"npm" redirects to http\S+, which no service .* covers/,
      );
    }
    expect(other.seen).toEqual([]);
  });
});

describe('a hostile agent', () => {
  test('reaches nothing but the base URL', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: `${registry.url}/base/` }));
    const seen = registry.seen.length;
    const { services: root } = gateway.address;
    const { host } = new URL(gateway.address.url);
    for (const target of [
      `${root}/npm/../admin`,
      `${root}/npm/..%2fadmin`,
      `${root}/npm/%2e%2e%2fadmin`,
      `${root}/npm/..%5cadmin`,
      `${root}/../v1/messages`,
      `http://evil.example${root}/npm/`,
      `//evil.example${root}/npm/`,
      '/services/npm/',
      `${root}/npm@evil.example/`,
    ]) {
      const answer = await raw(
        gateway.address.url,
        `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 (400|401|403|404) /);
    }
    const doubled = `GET ${root}/npm//evil.example/x HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    expect(await raw(gateway.address.url, doubled)).toMatch(/^HTTP\/1\.1 200 /);
    expect(registry.seen.slice(seen).map(({ url }) => url)).toEqual(['/base/evil.example/x']);
  });

  test('cannot smuggle a second request or a header', async () => {
    const registry = await Registry.start();
    const bodies: string[] = [];
    registry.answer = (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString());
        response.end('ok');
      });
    };
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    const { host } = new URL(gateway.address.url);
    const seen = registry.seen.length;
    const head = `POST ${gateway.address.services}/npm/x HTTP/1.1\r\nHost: ${host}\r\n`;
    const inner = 'GET /admin HTTP/1.1\r\nHost: x\r\n\r\n';
    for (const text of [
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
      `${head}Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc${inner}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${inner}`,
      `${head}X-A: 1\r\n Authorization: Bearer x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
    ]) {
      const answer = await raw(gateway.address.url, text);
      expect(answer).toMatch(/^HTTP\/1\.1 (400|200) /);
    }
    const named = `${head}Connection: close, X-Hop, Content-Length\r\nX-Hop: 1\r\nTE: trailers\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`;
    expect(await raw(gateway.address.url, named)).toMatch(/^HTTP\/1\.1 200 /);
    const last = registry.seen.at(-1);
    expect(last?.headers).not.toHaveProperty('x-hop');
    expect(last?.headers).not.toHaveProperty('te');
    expect(last?.headers).not.toHaveProperty('upgrade');
    expect(bodies.at(-1)).toBe('abc');
    for (const { url, headers } of registry.seen.slice(seen)) {
      expect(url).toBe('/x');
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  test('cannot tunnel, upgrade or trace', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    const { host } = new URL(gateway.address.url);
    const seen = registry.seen.length;
    const { services } = gateway.address;
    const close = `Host: ${host}\r\nConnection: close\r\n\r\n`;
    expect(await raw(gateway.address.url, `CONNECT ${services}/npm/ HTTP/1.1\r\n${close}`)).toMatch(
      /^HTTP\/1.1 403/,
    );
    expect(await raw(gateway.address.url, `TRACE ${services}/npm/ HTTP/1.1\r\n${close}`)).toMatch(
      /^HTTP\/1.1 405/,
    );
    expect(registry.seen.length).toBe(seen);
  });

  test('is held to the methods of the service', async () => {
    const registry = await Registry.start();
    const gateway = await start(
      withServices({ name: 'npm', url: registry.url, methods: ['GET', 'HEAD'] }),
    );
    const address = addressOf(gateway, 'npm');
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
    const refused = await fetch(address, { method: 'PUT', body: 'x' });
    expect(refused.status).toBe(405);
    expect(await refused.text()).toContain('the service "npm" only allows GET, HEAD');
  });

  test('web pages and other users of the machine cannot use the services', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    const seen = registry.seen.length;
    const address = new URL(addressOf(gateway, 'npm'));
    const plain = await fetch(new URL('/services/npm/', address));
    expect(plain.status).toBe(403);
    const ask = (headers: string) =>
      raw(
        address.href,
        `GET ${address.pathname} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n`,
      );
    expect(await ask('Host: evil.example:8787')).toMatch(/^HTTP\/1.1 403/);
    expect(await ask(`Host: ${address.host}\r\nSec-Fetch-Site: cross-site`)).toMatch(
      /^HTTP\/1.1 403/,
    );
    expect(registry.seen.length).toBe(seen);
    expect(await ask(`Host: ${address.host}`)).toMatch(/^HTTP\/1.1 200/);
  });
});

test('in a pod the address has no capability', async () => {
  const registry = await Registry.start();
  const gateway = await startForReal(withServices({ name: 'npm', url: registry.url }));
  expect(addressOf(gateway, 'npm')).toBe(`${gateway.address.url}/services/npm/`);
  expect(await (await fetch(`${gateway.address.url}/services/npm/x`)).text()).toBe('ok');
});

test('addresses in metadata lead to the gateway, also compressed and with another length', async () => {
  const registry = await Registry.start();
  const gateway = await start(withServices({ name: 'npm', url: `${registry.url}/r/` }));
  const text = JSON.stringify({ tarball: `${registry.url}/r/ui.tgz`, home: 'https://x.example/' });
  const { gzipSync } = await import('node:zlib');
  registry.answer = ({ headers, method }, response) => {
    const isGzip = headers['accept-encoding'] === 'gzip';
    const body = isGzip ? gzipSync(text) : Buffer.from(text);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': body.length,
      link: `<${registry.url}/r/?page=2>; rel="next"`,
      ...(isGzip && { 'content-encoding': 'gzip' }),
    });
    response.end(method === 'HEAD' ? undefined : body);
  };
  const address = addressOf(gateway, 'npm');
  for (const coding of ['gzip', 'identity']) {
    const reply = await fetch(`${address}ui`, { headers: { 'accept-encoding': coding } });
    expect(reply.headers.get('link')).toBe(`<${address}?page=2>; rel="next"`);
    expect(await reply.json()).toEqual({ tarball: `${address}ui.tgz`, home: 'https://x.example/' });
    expect(registry.seen.at(-1)?.headers['accept-encoding']).toBe(coding);
  }
  const head = await fetch(`${address}ui`, { method: 'HEAD' });
  expect(head.headers.get('content-length')).toBeNull();
});

describe('a service that fails', () => {
  test('is answered with a sentence when it cannot be reached', async () => {
    const gateway = await start(withServices({ name: 'npm', url: 'http://127.0.0.1:1/' }));
    const reply = await fetch(addressOf(gateway, 'npm'), {
      headers: { accept: 'application/json' },
    });
    expect(reply.status).toBe(502);
    const sentence = 'agentteam gateway: the service "npm" cannot be reached (ECONNREFUSED)';
    expect(await reply.json()).toEqual({ error: sentence });
    expect(reply.statusText).toBe(sentence);
    const metrics = await (await fetch(`${gateway.address.statusUrl}/metrics`)).text();
    expect(metrics).toMatch(
      /agentteam_service_requests_total\{.*service="npm".*status="502".*\} 1/,
    );
  });

  test('never looks complete when it breaks off', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    for (const type of ['application/octet-stream', 'application/json']) {
      registry.answer = (_, response) => {
        response.writeHead(200, { 'content-type': type });
        response.write('half', () => response.destroy());
      };
      const reply = await fetch(addressOf(gateway, 'npm'));
      await expect(reply.text()).rejects.toThrow();
    }
  });

  test('ends when the agent hangs up', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    const closed = Promise.withResolvers<void>();
    registry.answer = (request, response) => {
      response.writeHead(200).flushHeaders();
      request.socket.once('close', () => closed.resolve());
    };
    const abort = new AbortController();
    await fetch(addressOf(gateway, 'npm'), { signal: abort.signal });
    abort.abort();
    await closed.promise;
  });

  test('is asked again when it had closed a kept connection', async () => {
    const registry = await Registry.start();
    const gateway = await start(withServices({ name: 'npm', url: registry.url }));
    const address = addressOf(gateway, 'npm');
    let isKept = false;
    registry.answer = (request, response) => {
      if (isKept) {
        isKept = false;
        request.socket.destroy();
      } else response.end('ok');
    };
    expect(await (await fetch(address)).text()).toBe('ok');
    isKept = true;
    expect(await (await fetch(address)).text()).toBe('ok');
  });
});

test('large files stream both ways in bounded memory', async () => {
  const registry = await Registry.start();
  const services = withServices({ name: 'files', url: registry.url });
  const gateway = await launch(team, environment(team, api.url, services));
  const [size, block] = [512 * 1024 * 1024, Buffer.alloc(1024 * 1024, 'x')];
  async function* blocks() {
    for (let sent = 0; sent < size; sent += block.length) yield block;
  }
  let received = 0;
  registry.answer = async (request, response) => {
    if (request.method === 'PUT') {
      for await (const chunk of request) received += (chunk as Buffer).length;
      response.end('stored');
      return;
    }
    for await (const chunk of blocks()) {
      if (!response.write(chunk)) await once(response, 'drain');
    }
    response.end();
  };
  const address = addressOf(gateway, 'files');
  const stored = await fetch(`${address}big`, {
    method: 'PUT',
    body: blocks(),
    duplex: 'half',
  } as unknown as RequestInit);
  expect(await stored.text()).toBe('stored');
  expect(received).toBe(size);
  const reply = await fetch(`${address}big`);
  let read = 0;
  for await (const chunk of reply.body ?? []) read += (chunk as Uint8Array).length;
  expect(read).toBe(size);
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${gateway.child.pid}/status`, 'utf8');
  const peak = Number(/VmHWM:\s+([0-9]+) kB/.exec(status)?.[1]) / 1024;
  // The program alone takes about 100 MB.
  expect(peak).toBeLessThan(256);
});
