// Makes a page with a dependency, so that the install is shown to have worked.
import { mkdirSync, writeFileSync } from 'node:fs';
import ms from 'ms';

mkdirSync('dist', { recursive: true });
writeFileSync('dist/index.html', `two days are ${ms('2 days')} ms\n`);
