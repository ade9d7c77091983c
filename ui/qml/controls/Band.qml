import QtQuick
import "../theme"

// The navy band: where this kiosk stands, which service, which step. In landscape it is a side band that also asks.
Rectangle {
    id: band

    property bool upright: true
    property string title: ""
    property string help: ""
    property string place: ""
    property string titleIcon: ""
    property int waysHeight: 0  // room that Back and Continue take at the foot of a side band
    readonly property var progress: Bridge.state.progress
    property bool counts: true  // says at which step of the service one is
    readonly property bool counting: counts && progress.count > 0
    readonly property bool asks: !upright && !Theme.enlarged  // large text asks above the answers, where it can scroll
    readonly property int room: height - waysHeight - ask.y
    readonly property bool helpShown: asks && help !== "" && title.implicitHeight + Theme.mm(6) + sentence.implicitHeight <= room

    color: Theme.band
    implicitHeight: facts.implicitHeight + 2 * Theme.mm(10)

    Column {
        id: facts

        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.right: parent.right
        anchors.rightMargin: Theme.margin
        anchors.top: parent.top
        anchors.topMargin: Theme.mm(10)
        spacing: Theme.mm(7.5)

        Flow {
            id: line

            readonly property real needed: siteSize.advanceWidth + whereSize.advanceWidth + Theme.wideGap
            readonly property bool oneLine: band.upright && needed * 0.85 <= width  // a little smaller rather than two lines
            // Beside large buttons, words of the usual size rather than words beneath the buttons.
            readonly property bool tight: !band.upright && facts.anchors.topMargin + siteLines.implicitHeight + whereLines.implicitHeight + Theme.mm(16) > band.height - band.waysHeight
            readonly property int usual: tight ? Math.min(Theme.supportText, Theme.mm(9.4)) : Theme.supportText
            readonly property int textSize: oneLine ? Math.floor(Theme.supportText * Math.min(1, width / needed)) : usual

            spacing: oneLine ? 0 : Theme.mm(2)
            width: parent.width

            Label {
                id: site

                bold: true
                color: Theme.bandInk
                size: line.textSize
                text: Bridge.site.name[Words.language] ?? ""
                width: line.oneLine ? line.width - where.width : line.width
            }
            Label {
                id: where

                color: Theme.bandInkMuted
                even: !line.oneLine
                size: line.textSize
                text: band.counting && band.progress.count === 1 ? band.progress.service : band.counting ? Words.fill("progress.line", {
                    "count": band.progress.count,
                    "service": band.progress.service,
                    "step": band.progress.step
                }).replace(" ·", "\u00a0·") : band.place
                visible: text !== ""
                width: line.oneLine ? Math.ceil(whereSize.advanceWidth * line.textSize / Theme.supportText) + 2 : line.width
            }
        }
        Label {
            id: siteLines

            bold: true
            size: Theme.supportText
            text: site.text
            visible: false
            width: line.width
        }
        Label {
            id: whereLines

            even: true
            size: Theme.supportText
            text: where.text
            visible: false
            width: line.width
        }
        TextMetrics {
            id: siteSize

            font: Theme.fontOf(Theme.supportText, true)
            text: site.text
        }
        TextMetrics {
            id: whereSize

            font: Theme.fontOf(Theme.supportText, false)
            text: where.text
        }
        Steps {
            Accessible.ignored: true
            count: band.counting && band.progress.count > 1 ? band.progress.count : 0
            step: band.counting ? band.progress.step : 0
            visible: band.counting
            width: parent.width
        }
    }
    Column {
        id: ask

        anchors.left: facts.left
        anchors.right: facts.right
        anchors.top: facts.bottom
        anchors.topMargin: Theme.mm(18)
        spacing: Theme.mm(6)
        visible: band.asks

        Icon {
            colour: Theme.contrast ? Theme.success : "#6EE7A8"
            name: band.titleIcon
            size: Theme.mm(26)
            visible: name !== ""
        }
        Label {
            id: title

            Accessible.role: Accessible.Heading
            bold: true
            color: Theme.bandInk
            even: true
            fontSizeMode: Text.Fit
            height: Math.min(implicitHeight, band.room - (band.titleIcon === "" ? 0 : Theme.mm(32)))
            minimumPixelSize: Theme.mm(10)
            size: Bridge.lines.fitting(text, Theme.fontOf(Theme.titleText, true), 0.8, width)
            text: band.title
            width: parent.width
        }
        Label {
            id: sentence

            color: Theme.bandInkMuted
            even: true
            size: Theme.supportText
            text: band.help
            visible: band.helpShown
            width: parent.width
        }
    }
    Rectangle {
        anchors.bottom: parent.bottom
        anchors.right: parent.right
        color: Theme.divider
        height: band.upright ? Theme.hairline : parent.height
        visible: Theme.contrast
        width: band.upright ? parent.width : Theme.hairline
    }
}
