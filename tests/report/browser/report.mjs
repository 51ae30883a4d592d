// Opens a report of `bittrue diff` in Chromium and does what a reader does.
//   node report.mjs PAGE LAYER "FIRST WRONG WORD" FOLDER [CAUSE]  the page of a wrong dump, and the cause that its
//                                                                 diagnosis has to name; screenshots go into FOLDER
//   node report.mjs PAGE                                          the page of an equal dump
import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [page_file, layer, first_word, folder, cause] = process.argv.slice(2);
const url = pathToFileURL(resolve(page_file)).href;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

// A page of which every complaint and every request is kept.
async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== url) page.complaints.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  return page;
}

async function close(page) {
  assert.deepEqual(page.complaints, []);
  await page.context().close();
}

const detail_of = (page, name) => page.locator(`tr.layer[data-layer="${name}"] + tr.detail`);
const button_of = (page, name) => page.locator(`tr.layer[data-layer="${name}"] button`);

async function press_until(page, key, what, reached) {
  for (let i = 0; i < 200; ++i) {
    await page.keyboard.press(key);
    if (await page.evaluate(reached)) return;
  }
  assert.fail(`${key} never reaches ${what}`);
}

// Nothing sticks out of the window, and every drawing has a size.
async function check_fit(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(wide <= 0, `${what}: the page is ${wide} px wider than the window`);
  const cut = await page.evaluate(() => {
    const shown = [...document.querySelectorAll('figure svg')].filter((svg) => svg.getClientRects().length > 0);
    return shown.filter((svg) => {
      const box = svg.getBoundingClientRect();
      return box.width < 20 || box.height < 3 || box.left < 0 || box.right > window.innerWidth + 1;
    }).length;
  });
  assert.equal(cut, 0, `${what}: drawings that are cut off or empty`);
}

// The least contrast of text and what stands behind it, of all text that is shown.
async function least_contrast(page) {
  return page.evaluate(() => {
    const parse = (text) => text.match(/[\d.]+/g).map(Number);
    const light = (c) => {
      const f = (v) => ((v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
      return 0.2126 * f(c[0]) + 0.7152 * f(c[1]) + 0.0722 * f(c[2]);
    };
    let least = { ratio: 100 };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const element = walk.currentNode.parentElement;
      if (!walk.currentNode.data.trim() || !element.getClientRects().length) continue;
      if (element.closest('script, title, #tip') || element.matches('svg .on')) continue;
      const style = getComputedStyle(element);
      const ink = parse(element.closest('svg') ? style.fill : style.color);
      let back = element;
      while (back.parentElement && parse(getComputedStyle(back).backgroundColor)[3] === 0) back = back.parentElement;
      const paper = parse(getComputedStyle(back).backgroundColor);
      const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < least.ratio) least = { ratio, text: walk.currentNode.data.trim(), ink: style.color };
    }
    return least;
  });
}

async function read_wrong(scheme) {
  const page = await open({ colorScheme: scheme });
  const row = page.locator(`tr.layer[data-layer="${layer}"]`);
  assert.equal(await row.count(), 1, `one row for ${layer}`);
  assert.match(await row.innerText(), /wrong by itself/);
  // The layer to begin with is open, and a click on its row closes and opens it.
  const detail = detail_of(page, layer);
  assert.ok(await detail.isVisible());
  await row.click();
  assert.ok(!(await detail.isVisible()));
  assert.equal(await button_of(page, layer).getAttribute('aria-expanded'), 'false');
  await row.click();
  assert.ok(await detail.isVisible());
  assert.equal(await button_of(page, layer).getAttribute('aria-expanded'), 'true');
  const word = detail.getByText(first_word, { exact: true });
  assert.ok(await word.first().isVisible(), `the detail shows ${first_word}`);
  for (const drawing of ['svg.bars', 'svg.values', 'svg.map, svg.heat'])
    assert.ok((await detail.locator(drawing).count()) > 0, `the detail has ${drawing}`);
  if (cause !== undefined) {
    assert.ok((await page.locator('.verdict').innerText()).includes(cause), 'the verdict names the cause');
    assert.ok((await detail.locator('table.causes tbody tr').first().innerText()).includes(cause));
    // The steps of the first word, with the one where both sides part.
    assert.equal(await detail.locator('table.trace tr.parts').count(), 1);
  }
  await check_fit(page, scheme);
  const contrast = await least_contrast(page);
  assert.ok(contrast.ratio >= 4.5, `${scheme}: contrast ${JSON.stringify(contrast)}`);
  await page.screenshot({ path: `${folder}/${scheme}.png`, fullPage: true });
  await close(page);
}

async function read_by_keyboard() {
  const page = await open({});
  await row_closed(page);
  // Tab to the pipeline, arrows to the layer, Enter: its detail opens and the focus is on its row.
  await press_until(page, 'Tab', 'the pipeline', () => document.activeElement.matches('a.stage'));
  const names = await page.locator('a.stage b').allInnerTexts();
  for (let i = 0; i < names.indexOf(layer); ++i) await page.keyboard.press('ArrowRight');
  assert.equal(await page.evaluate(() => document.activeElement.querySelector('b').innerText), layer);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, 'none', 'the focus is seen');
  await page.keyboard.press('Enter');
  assert.ok(await detail_of(page, layer).getByText(first_word, { exact: true }).first().isVisible());
  const focused = () => page.evaluate(() => document.activeElement.innerText);
  assert.equal(await focused(), layer);
  for (const [key, shown] of [['Enter', false], ['Space', true], ['Enter', false]]) {
    await page.keyboard.press(key);
    assert.equal(await detail_of(page, layer).isVisible(), shown, `${key} on the row`);
  }
  await page.keyboard.press('ArrowUp');
  assert.notEqual(await focused(), layer);
  await close(page);
}

async function row_closed(page) {
  const button = button_of(page, layer);
  if ((await button.getAttribute('aria-expanded')) === 'true') await button.click();
  assert.ok(!(await detail_of(page, layer).isVisible()));
  await page.evaluate(() => document.activeElement.blur());
}

async function print_it() {
  const page = await open({ colorScheme: 'dark' });
  await page.emulateMedia({ media: 'print' });
  const rows = await page.locator('tr.layer').count();
  const details = page.locator('tr.detail');
  assert.equal(await details.count(), rows);
  for (let i = 0; i < rows; ++i) assert.ok(await details.nth(i).isVisible(), 'every detail is printed');
  const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(paper, 'rgb(255, 255, 255)', 'paper is white');
  await page.setViewportSize({ width: 718, height: 1000 }); // A4 without its margins
  await check_fit(page, 'print');
  await page.screenshot({ path: `${folder}/print.png`, fullPage: true });
  await page.pdf({ path: `${folder}/print.pdf`, format: 'A4', printBackground: false });
  assert.ok(statSync(`${folder}/print.pdf`).size > 10000);
  await close(page);
}

async function read_without_script() {
  const page = await open({ javaScriptEnabled: false });
  assert.ok(await detail_of(page, layer).getByText(first_word, { exact: true }).first().isVisible());
  await close(page);
}

async function read_on_a_telephone() {
  const page = await open({ viewport: { width: 390, height: 800 } });
  await check_fit(page, 'narrow');
  await page.screenshot({ path: `${folder}/narrow.png`, fullPage: true });
  await close(page);
}

async function read_equal() {
  const page = await open({});
  assert.match(await page.locator('.verdict').innerText(), /^Equal: all [\d,]+ words of \d+ layers agree\.$/);
  assert.equal(await page.locator('tr.detail:visible').count(), 0);
  assert.equal(await page.locator('figure').count(), 0);
  await close(page);
}

try {
  if (layer === undefined) {
    await read_equal();
  } else {
    mkdirSync(folder, { recursive: true });
    for (const scheme of ['light', 'dark']) await read_wrong(scheme);
    await read_by_keyboard();
    await print_it();
    await read_without_script();
    await read_on_a_telephone();
  }
} finally {
  await browser.close();
}
