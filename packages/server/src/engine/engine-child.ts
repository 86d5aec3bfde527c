/** The script of an engine process, which `fork` starts. It ends with the process that started it. */
import { serveProcess } from './child/serve-process.ts';

serveProcess();
