// What the bench asks of the API server, and what the server says of itself.
import { Agent, request } from 'node:https';

/** Resources that the controller touches for teams; its lease is not a team's. */
const RESOURCES = new Set([
  ...['agentteams', 'workflows', 'events', 'serviceaccounts', 'roles', 'rolebindings', 'secrets'],
  ...['persistentvolumeclaims', 'pods'],
]);

const AUTHORIZATION = { authorization: 'Bearer admin-token' };

/** Requests over connections that stay, so that the bench is not the brake. */
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

  /** An answer that goes on. */
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
   * What the server has counted for the resources of teams, watches excepted: requests to pods (asked
   * for figures), and all others, in sum and by verb and resource; and the processor seconds that it
   * has taken.
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
