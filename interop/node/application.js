// The application of the exactly-once scenarios: copies records and commits its place in the input
// with them. It runs in this process, or in one of its own that a test kills or suspends.
'use strict'

const { spawn } = require('node:child_process')
const { once } = require('node:events')
const readline = require('node:readline')
const {
  committed, connected, DEADLINE_MS, messagesOf, read, transactional,
} = require('./clients')

const RECORD_COUNT = 50

/** Copies RECORD_COUNT records in one transaction; gives "committed" or why it could not. */
function copyInTransaction(job, beforeCommit = async () => {}) {
  return connected(transactional(job.transactionalId), async (producer) => {
    const transaction = await producer.transaction()
    const start = Math.max(await committed(job.group, job.input), 0)
    const records = (await read(job.input, false))
      .filter(({ offset }) => Number(offset) >= start).slice(0, RECORD_COUNT)
    await transaction.send({
      topic: job.output,
      messages: messagesOf(records.map(({ value }) => `copy of ${value}`)),
    })
    const offset = String(Number(records.at(-1).offset) + 1)
    await transaction.sendOffsets({
      consumerGroupId: job.group,
      topics: [{ topic: job.input, partitions: [{ partition: 0, offset }] }],
    })
    await beforeCommit()
    try {
      await transaction.commit()
      return 'committed'
    } catch (error) {
      return error.type || error.message
    }
  })
}

/** The application in its own process, which stops before its commit until told to go on. */
class Application {
  constructor(job, program = __filename) {
    this.process = spawn(process.execPath, [program, JSON.stringify(job)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.lines = readline.createInterface({ input: this.process.stdout })[Symbol.asyncIterator]()
  }

  async readLine() {
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error('the application printed nothing')), DEADLINE_MS)
    })
    const { value } = await Promise.race([this.lines.next(), late])
    clearTimeout(timer)
    return value
  }

  proceed() {
    this.process.stdin.write('\n')
  }

  signal(name) {
    this.process.kill(name)
  }

  async kill() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    this.process.kill('SIGKILL')
    await once(this.process, 'exit')
  }
}

async function main() {
  const outcome = await copyInTransaction(JSON.parse(process.argv[2]), async () => {
    console.log('ready')
    await once(process.stdin, 'data')
  })
  console.log(outcome)
  process.exit()
}

if (require.main === module) main()

module.exports = { Application, copyInTransaction, RECORD_COUNT }
