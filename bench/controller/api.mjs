// The benchmark's requests to the API server, and the server's own metrics.
import { Agent, request } from 'node:https';

/** Resources that the controller reads and writes for teams, without its lease. */
const RESOURCES = new Set([
  ...['agentteams', 'workflows', 'events', 'serviceaccounts', 'roles', 'rolebindings', 'secrets'],
  ...['persistentvolumeclaims', 'pods'],
]);

const AUTHORIZATION = { authorization: 'Bearer admin-token' };

/** Reuses connections, so that the benchmark is not the bottleneck. */
export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 32, rejectUnauthorized: false });
  #server;
  made = 0;

  constructor(server) {
    this.#server = server;
  }

  async send(method, path, body, type = 'application/json') {
    this.made += 1;
    const answer = await new Promise((resolve, reject) => {
      const headers = { ...AUTHORIZATION, 'content-type': type };
      request(`${this.#server}${path}`, { method, agent: this.#agent, headers }, resolve)
        .on('error', reject)
        .end(body && JSON.stringify(body));
    });
    const text = (await answer.toArray()).map(String).join('');
    if (answer.statusCode >= 300)
      throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
    return text;
  }

  /** Opens a streaming response. */
  open(path) {
    return new Promise((resolve, reject) => {
      const options = { headers: AUTHORIZATION, rejectUnauthorized: false };
      request(`${this.#server}${path}`, options, resolve).on('error', reject).end();
    });
  }

  patch(ref, plural, body) {
    const path = `/apis/${ref.apiVersion}/namespaces/${ref.namespace}/${plural}/${ref.name}`;
    return this.send('PATCH', path, body, 'application/merge-patch+json');
  }

  /**
   * The server's own counts of requests for the resources of teams, without watches: requests to pods
   * (for figures) and all others, in total and by verb and resource; and its processor seconds.
   */
  async counted() {
    const metrics = await this.send('GET', '/metrics');
    const counts = { pods: 0, others: 0, seconds: 0, kinds: new Map() };
    for (const line of metrics.split('\n')) {
      const value = Number(line.slice(line.lastIndexOf(' ') + 1));
      if (line.startsWith('process_cpu_seconds_total ')) counts.seconds = value;
      if (!line.startsWith('apiserver_request_total{') || line.includes('verb="WATCH"')) continue;
      const resource = /resource="([^"]*)"/.exec(line)?.[1];
      if (!RESOURCES.has(resource)) continue;
      counts[resource === 'pods' ? 'pods' : 'others'] += value;
      const kind = `${/verb="([^"]*)"/.exec(line)?.[1]} ${resource}`;
      counts.kinds.set(kind, (counts.kinds.get(kind) ?? 0) + value);
    }
    return counts;
  }
}

export async function atOnce(items, limit, work) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
