// The exactly-once scenarios in which an application is a process, for each client of this folder.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { Application, RECORD_COUNT } = require('./application')
const {
  committed, newTopic, numbered, unique, valuesOf, waitUntil, write,
} = require('./clients')

const READ_COMMITTED = false
const READ_UNCOMMITTED = true

async function prepare() {
  const job = {
    transactionalId: unique('copier'), group: unique('copiers'),
    input: await newTopic('input'), output: await newTopic('output'),
  }
  await write(job.input, numbered('', RECORD_COUNT))
  return job
}

async function checkCopiedOnce(job) {
  assert.deepEqual(await valuesOf(job.output, READ_COMMITTED), numbered('copy of ', RECORD_COUNT))
  // kafkajs does not ask for stable offsets, so the marker may still be on its way.
  await waitUntil('the offset is committed',
    async () => (await committed(job.group, job.input)) === RECORD_COUNT)
}

/** `program` is the client's application, `fenced` what it says when it is, `copy` itself. */
function processScenarios(program, fenced, copy) {
  const crash = 'an application crashes mid-transaction and restarts with its transactional id'
  test(crash, async () => {
    const job = await prepare()
    const first = new Application(job, program)
    let second
    try {
      assert.equal(await first.readLine(), 'ready')
      await first.kill()
      second = new Application(job, program)
      assert.equal(await second.readLine(), 'ready')
      second.proceed()
      assert.equal(await second.readLine(), 'committed')
    } finally {
      await first.kill()
      if (second) await second.kill()
    }
    await checkCopiedOnce(job)
    assert.equal((await valuesOf(job.output, READ_UNCOMMITTED)).length, 2 * RECORD_COUNT)
  })

  test('a zombie application wakes after its successor has taken over', async () => {
    const job = await prepare()
    const zombie = new Application(job, program)
    try {
      assert.equal(await zombie.readLine(), 'ready')
      zombie.signal('SIGSTOP')
      assert.equal(await copy(job), 'committed')
      await checkCopiedOnce(job)
      zombie.signal('SIGCONT')
      zombie.proceed()
      assert.equal(await zombie.readLine(), fenced)
    } finally {
      await zombie.kill()
    }
    await checkCopiedOnce(job)
  })
}

module.exports = { checkCopiedOnce, prepare, processScenarios }
