import QtQuick
import "../theme"

// Back and Continue, always in the same place; "skip" between them where a page may be left out.
// Side by side beneath the answers in portrait, one above the other in the side band in landscape.
Item {
    id: ways

    property bool upright: true
    property bool hasBack: false
    property bool hasNext: false
    property bool hasSkip: false
    property bool steadySkip: false  // in one place, whether there is a way on or not
    property string nextTouch: "next"
    property string nextText: ""
    property string nextIcon: ""
    readonly property bool any: hasBack || hasNext || hasSkip
    readonly property int between: Theme.mm(upright ? 6 : 4)
    readonly property int inner: width - 2 * Theme.margin
    readonly property int lead: Theme.mm(4.4)
    readonly property int tail: Theme.mm(upright ? 7 : 11)
    readonly property int least: Theme.mm(upright ? 35.4 : 30)
    readonly property int tallest: Math.max(least, hasBack ? back.implicitHeight : 0, hasSkip ? skip.implicitHeight : 0, hasNext ? next.implicitHeight : 0)
    readonly property int backWidth: Math.max(Theme.mm(66), Math.min(back.implicitWidth, inner * 0.4))
    readonly property bool piled: upright && hasBack && hasSkip && hasNext && Theme.enlarged  // "skip" on a line of its own
    readonly property int skipWidth: piled ? inner : hasNext || steadySkip ? Math.max(Theme.mm(50), Math.min(skip.implicitWidth, inner * 0.4)) : inner - (hasBack ? backWidth + between : 0)
    readonly property int rows: piled ? 2 : any ? 1 : 0  // in portrait

    // Side by side all are as high as the highest; one above the other each is as high as its own words.
    function heightOf(button: PrimaryButton): int {
        return upright ? tallest : Math.max(least, button.implicitHeight);
    }

    // Room of a row of the pile in landscape.
    function rowOf(button: PrimaryButton, there: bool): int {
        return there ? heightOf(button) + between : 0;
    }

    // Who goes on in the middle of a Chinese word has typed that word.
    function go(touch: string): void {
        Bridge.keyboard.settle();
        Bridge.visit.touch(touch);
    }

    implicitHeight: !any ? Theme.mm(4) : upright ? lead + rows * tallest + Math.max(0, rows - 1) * between + tail : lead + rowOf(back, hasBack) + rowOf(skip, hasSkip) + rowOf(next, hasNext || steadySkip) - between + tail

    SecondaryButton {
        id: back

        height: ways.heightOf(back)
        iconName: Theme.growth > 1.5 ? "" : "arrow-left"
        objectName: "button:back"
        onNavy: !ways.upright
        text: Words.text("button.back")
        visible: ways.hasBack
        width: ways.upright ? ways.backWidth : ways.inner
        x: Theme.margin
        y: ways.lead + (ways.piled ? ways.tallest + ways.between : 0)

        onAct: ways.go("back")
    }
    SecondaryButton {
        id: skip

        height: ways.heightOf(skip)
        objectName: "button:skip"
        onNavy: !ways.upright
        text: Words.text("button.skip")
        visible: ways.hasSkip
        width: ways.upright ? ways.skipWidth : ways.inner
        x: Theme.margin + (ways.upright && ways.hasBack && !ways.piled ? ways.backWidth + ways.between : 0)
        y: ways.lead + (ways.upright ? 0 : ways.rowOf(back, ways.hasBack))

        onAct: ways.go("skip")
    }
    PrimaryButton {
        id: next

        height: ways.heightOf(next)
        iconName: ways.nextIcon
        objectName: "button:" + ways.nextTouch
        onNavy: !ways.upright
        text: ways.nextText
        visible: ways.hasNext
        width: ways.upright ? Theme.margin + ways.inner - x : ways.inner
        x: Theme.margin + (ways.upright ? (ways.hasBack ? ways.backWidth + ways.between : 0) + (ways.hasSkip && !ways.piled ? ways.skipWidth + ways.between : 0) : 0)
        y: ways.lead + (!ways.upright ? ways.rowOf(back, ways.hasBack) + ways.rowOf(skip, ways.hasSkip) : ways.piled ? ways.tallest + ways.between : 0)

        onAct: ways.go(ways.nextTouch)
    }
}
