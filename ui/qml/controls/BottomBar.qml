import QtQuick
import "../theme"

// The same controls in the same place on every screen. One whose work is not built is not here.
Rectangle {
    id: bar

    readonly property bool offersOfficer: Bridge.state.offers_officer
    readonly property int room: width - 2 * sideMargin
    readonly property int sideMargin: Theme.mm(8.8)
    readonly property list<BarButton> buttons: [language, textSize, contrast, leave, stop, emergency]
    // Icons beside the words where there is width for it, above them otherwise, in two rows when the text is large.
    readonly property bool flat: width > Theme.mm(400) && needed(buttons, true) <= room
    readonly property int columns: flat || needed(buttons, false) <= room ? buttons.length : buttons.length / 2
    readonly property int row: buttons.reduce((tallest, button) => Math.max(tallest, button.implicitHeight), 0)

    function needed(row: var, flat: bool): real {
        return row.reduce((sum, button) => sum + (flat ? button.flatWidth : button.stackedWidth), (row.length - 1) * Theme.gap);
    }

    // What a row has left over is shared out among its buttons.
    function widthOf(button: BarButton): real {
        if (!button)
            return 0;  // the bar is being taken down
        const all = [...buttons];
        const place = all.indexOf(button);
        const mates = all.filter((_, other) => Math.floor(other / columns) === Math.floor(place / columns));
        return button.implicitWidth + (room - needed(mates, flat)) / columns;
    }

    color: Theme.surface
    implicitHeight: grid.height + 2 * Theme.mm(flat ? 3.3 : 6)

    Rectangle {
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
    Flow {
        id: grid

        anchors.centerIn: parent
        spacing: Theme.gap
        width: bar.room + 1

        BarButton {
            id: language

            flat: bar.flat
            height: bar.row
            iconName: "languages"
            objectName: "bar:language"
            say: Words.text("bar.language_say")
            text: Words.text("bar.language")
            width: bar.widthOf(language)

            onAct: {
                Bridge.visit.stay();
                bar.languageAsked();
            }
        }
        BarButton {
            id: textSize

            flat: bar.flat
            height: bar.row
            iconName: "a-large-small"
            objectName: "bar:textsize"
            say: Words.fill("bar.text_size_say", {
                "percent": Bridge.comfort.textPercent
            })
            text: Words.text("bar.text_size")
            width: bar.widthOf(textSize)

            onAct: Bridge.comfort.nextTextSize()
        }
        BarButton {
            id: contrast

            flat: bar.flat
            height: bar.row
            iconName: "contrast"
            objectName: "bar:contrast"
            say: Words.text("bar.contrast_say")
            text: Words.text("bar.contrast")
            width: bar.widthOf(contrast)

            onAct: Bridge.comfort.toggleContrast()
        }
        BarButton {
            id: leave

            flat: bar.flat
            height: bar.row
            iconName: "log-out"
            objectName: "bar:quick_exit"
            outline: Theme.barOutline
            say: Words.text("bar.quick_exit_say")
            text: Words.text("bar.quick_exit")
            width: bar.widthOf(leave)

            onAct: Bridge.visit.touch("quick_exit")
        }
        BarButton {
            id: stop

            flat: bar.flat
            height: bar.row
            iconName: "eraser"
            objectName: "bar:stop"
            outline: Theme.barOutline
            say: Words.text("bar.stop_say")
            text: Words.text("bar.stop")
            width: bar.widthOf(stop)

            onAct: Bridge.visit.touch("stop")
        }
        BarButton {
            id: emergency

            flat: bar.flat
            bold: true
            ground: down ? Theme.emergencyPressed : Theme.emergency
            height: bar.row
            iconName: "siren"
            ink: Theme.emergencyInk
            objectName: "bar:emergency"
            say: Words.text(bar.offersOfficer ? "bar.emergency_say" : "bar.emergency_only_say")
            text: Words.text(bar.offersOfficer ? "bar.emergency" : "bar.emergency_only")
            width: bar.widthOf(emergency)

            onAct: Bridge.visit.touch("emergency")
        }
    }

    signal languageAsked
}
