pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// What the processes said, the latest first, in the words of the catalogue.
Desk {
    id: page

    readonly property var inks: ({
            "critical": Theme.emergency,
            "error": Theme.emergency,
            "warning": Theme.caution
        })

    help: Words.text("maintenance.events.help")
    title: Words.text("maintenance.page.events")

    SaidLine {
        text: Bridge.state.asking > 0 ? Words.text("maintenance.asking") : Bridge.state.events.length === 0 ? Words.text("maintenance.events.none") : ""
    }
    Column {
        spacing: 0
        width: parent.width

        Repeater {
            model: Bridge.state.events

            Item {
                id: row

                required property int index
                required property var modelData

                implicitHeight: pile.implicitHeight + 2 * Theme.mm(3.5)
                objectName: "event:" + index
                width: parent.width

                Column {
                    id: pile

                    spacing: Theme.mm(0.8)
                    width: parent.width
                    y: Theme.mm(3.5)

                    Label {
                        color: page.inks[row.modelData.level] ?? Theme.muted
                        bold: row.modelData.level in page.inks
                        size: Theme.captionText
                        text: row.modelData.at + " · " + Words.text("maintenance.level." + row.modelData.level) + " · " + row.modelData.process
                        width: parent.width
                    }
                    Label {
                        bold: true
                        size: Theme.smallText
                        text: row.modelData.event.replace(/_/g, " ")
                        width: parent.width
                    }
                    Label {
                        size: Theme.captionText
                        text: row.modelData.words
                        visible: text !== ""
                        width: parent.width
                    }
                    Label {
                        color: Theme.muted
                        size: Theme.captionText
                        text: row.modelData.fields
                        visible: text !== ""
                        width: parent.width
                        wrapMode: Text.WrapAtWordBoundaryOrAnywhere
                    }
                }
                Rectangle {
                    anchors.bottom: parent.bottom
                    color: Theme.divider
                    height: Theme.hairline
                    width: parent.width
                }
            }
        }
    }
}
