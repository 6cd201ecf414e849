// Text that is too pale for what lies behind it (WCAG 1.4.3): every text node
// that can be seen. Colours are laid over each other from the page up; the book has no text on pictures.
() => {
    const parse = (colour) => {
        const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
        return colour.startsWith("color(") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
    };
    const over = (front, back) => back.map((value, k) => front[k] * front[3] + value * (1 - front[3]));
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const luminance = (colour) => {
        const [r, g, b] = colour.map((value) => linear(value / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (it) =>
        it ? over(parse(getComputedStyle(it).backgroundColor), ground(it.parentElement)) : [255, 255, 255];
    const visible = (it) => {
        const box = it.getBoundingClientRect();
        return box.width > 1 && box.height > 1 && !it.closest("script, style, noscript, math")
            && it.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    };

    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    let measured = 0;
    while (texts.nextNode()) {
        const text = texts.currentNode.data.trim(), it = texts.currentNode.parentElement;
        if (!text || !visible(it)) continue;
        const style = getComputedStyle(it), paper = ground(it);
        let ink = over(parse(style.color), paper);
        for (let up = it; up; up = up.parentElement) {
            ink = over([...ink, Number(getComputedStyle(up).opacity)], paper);
        }
        const [lower, higher] = [luminance(ink), luminance(paper)].sort((a, b) => a - b);
        const ratio = (higher + 0.05) / (lower + 0.05);
        const size = parseFloat(style.fontSize);
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        measured += 1;
        if (ratio < (large ? 3 : 4.5) - 0.005) {
            found.push([ratio.toFixed(2), text.slice(0, 40), it.outerHTML.slice(0, 120)]);
        }
    }
    return { measured, found };
}
