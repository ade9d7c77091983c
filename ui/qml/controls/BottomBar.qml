import QtQuick
import "../theme"

// The same controls in the same place on every screen. One whose work is not built is not here.
Rectangle {
    id: bar

    readonly property int room: width - 2 * sideMargin
    readonly property int sideMargin: Theme.mm(8.8)
    readonly property int needed: language.implicitWidth + textSize.implicitWidth + contrast.implicitWidth + leave.implicitWidth + stop.implicitWidth + emergency.implicitWidth
    readonly property int columns: needed + 5 * Theme.gap <= room ? 6 : 3
    // In one row what is left over is shared out; in two rows all are equal.
    readonly property real share: (room - 5 * Theme.gap - needed) / 6
    readonly property int cell: (room - 2 * Theme.gap) / 3
    readonly property int row: Math.max(language.implicitHeight, textSize.implicitHeight, contrast.implicitHeight, leave.implicitHeight, stop.implicitHeight, emergency.implicitHeight)

    color: Theme.surface
    implicitHeight: grid.height + 2 * Theme.mm(6)

    Rectangle {
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
    Grid {
        id: grid

        anchors.centerIn: parent
        columns: bar.columns
        spacing: Theme.gap

        BarButton {
            id: language

            height: bar.row
            iconName: "languages"
            objectName: "bar:language"
            say: Words.text("bar.language_say")
            text: Words.text("bar.language")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: bar.languageAsked()
        }
        BarButton {
            id: textSize

            height: bar.row
            iconName: "a-large-small"
            objectName: "bar:textsize"
            say: Words.fill("bar.text_size_say", {
                "percent": Bridge.comfort.textPercent
            })
            text: Words.text("bar.text_size")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: Bridge.comfort.nextTextSize()
        }
        BarButton {
            id: contrast

            height: bar.row
            iconName: "contrast"
            objectName: "bar:contrast"
            say: Words.text("bar.contrast_say")
            text: Words.text("bar.contrast")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: Bridge.comfort.toggleContrast()
        }
        BarButton {
            id: leave

            height: bar.row
            iconName: "log-out"
            objectName: "bar:quick_exit"
            outline: Theme.barOutline
            say: Words.text("bar.quick_exit_say")
            text: Words.text("bar.quick_exit")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: Bridge.visit.touch("quick_exit")
        }
        BarButton {
            id: stop

            height: bar.row
            iconName: "eraser"
            objectName: "bar:stop"
            outline: Theme.barOutline
            say: Words.text("bar.stop_say")
            text: Words.text("bar.stop")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: Bridge.visit.touch("stop")
        }
        BarButton {
            id: emergency

            bold: true
            ground: down ? Theme.emergencyPressed : Theme.emergency
            height: bar.row
            iconName: "siren"
            ink: Theme.emergencyInk
            objectName: "bar:emergency"
            say: Words.text("bar.emergency_say")
            text: Words.text("bar.emergency")
            width: bar.columns === 6 ? implicitWidth + bar.share : bar.cell

            onAct: Bridge.visit.touch("emergency")
        }
    }

    signal languageAsked
}
