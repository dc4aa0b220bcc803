import { createApp } from './app.js';
import { demoUsers } from './users.js';

const port = Number(process.env.PORT ?? 3000);
createApp({ users: demoUsers(), secret: process.env.SECRET ?? 'only for development' }).listen(
  port,
);
