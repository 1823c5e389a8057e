// The load that the original system was tried with: 800 clients list the ratings again and again, a tenth of a second apart.
// Such clients wait for each other's answers, so this measures how many there can be; `ratings` measures how long an answer takes.
import { check, sleep } from 'k6';
import { get } from './modules/api.js';

export const options = {
  scenarios: {
    list: {
      executor: 'shared-iterations',
      vus: Number(__ENV.VUS || 800),
      iterations: Number(__ENV.ITERATIONS || 150000),
      maxDuration: __ENV.DURATION || '10m',
    },
  },
  thresholds: {
    http_req_failed: ['rate<0.001'],
    http_req_duration: ['p(95)<1000'],
  },
};

export default function () {
  check(get('/ratings', 'GET /ratings'), { 'status is 200': (r) => r.status === 200 });
  sleep(0.1);
}
