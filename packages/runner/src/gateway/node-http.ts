/**
 * `node:http`, without what an `import` of it costs: that makes Node evaluate every export for its name,
 * the lazy `WebSocket` among them, and with it a whole HTTP client: 14 MB in every agent's pod.
 */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http');
