import QtQuick
import "../theme"

// Back and Continue, always in the same place; "skip" between them where a page may be left out.
Item {
    id: ways

    property bool hasBack: false
    property bool hasNext: false
    property bool hasSkip: false
    property string nextTouch: "next"
    property string nextText: ""
    property string nextIcon: ""
    readonly property bool any: hasBack || hasNext || hasSkip
    readonly property int room: width - 2 * Theme.margin
    readonly property int fixed: (hasBack ? back.width + Theme.mm(6) : 0) + (hasSkip ? skip.width + Theme.mm(6) : 0)

    implicitHeight: any ? row.height + Theme.mm(4.4) + Theme.mm(7) : Theme.mm(4)

    Row {
        id: row

        anchors.left: parent.left
        anchors.leftMargin: Theme.margin
        anchors.top: parent.top
        anchors.topMargin: Theme.mm(4.4)
        height: Math.max(back.visible ? back.implicitHeight : 0, skip.visible ? skip.implicitHeight : 0, next.visible ? next.implicitHeight : 0)
        spacing: Theme.mm(6)

        SecondaryButton {
            id: back

            height: row.height
            iconName: Theme.growth > 1.5 ? "" : "arrow-left"
            objectName: "button:back"
            text: Words.text("button.back")
            visible: ways.hasBack
            width: Math.max(Theme.mm(66), implicitWidth)

            onAct: Bridge.visit.touch("back")
        }
        SecondaryButton {
            id: skip

            height: row.height
            objectName: "button:skip"
            text: Words.text("button.skip")
            visible: ways.hasSkip
            width: ways.hasNext ? Math.max(Theme.mm(50), implicitWidth) : Math.max(Theme.mm(66), ways.room - (ways.hasBack ? back.width + row.spacing : 0))

            onAct: Bridge.visit.touch("skip")
        }
        PrimaryButton {
            id: next

            height: row.height
            iconName: ways.nextIcon
            objectName: "button:" + ways.nextTouch
            text: ways.nextText
            visible: ways.hasNext
            width: ways.room - ways.fixed

            onAct: Bridge.visit.touch(ways.nextTouch)
        }
    }
}
